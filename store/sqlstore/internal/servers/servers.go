// Package servers starts database servers for tests, each on a free port of the
// loopback interface with its data in a temporary folder.
package servers

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the drivers of Database
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"
)

const (
	// required is the variable that lets a test fail if a server is not installed.
	required = "WXPAY_SERVERS"
	// mysqld is the variable with the path of the program of MySQL. Where MariaDB is
	// installed, a program of that name may be MariaDB's.
	mysqld = "WXPAY_MYSQL"
)

// Kinds returns the kinds of databases. MySQL is one of them if WXPAY_MYSQL is the path of
// its server, mysqld.
func Kinds() []string {
	kinds := []string{"PostgreSQL", "MariaDB", "SQLite"}
	if os.Getenv(mysqld) != "" {
		kinds = append(kinds, "MySQL")
	}
	return kinds
}

// Servers are the servers of a test binary, each started when a test first needs it.
// The zero value is ready to use.
type Servers struct {
	mu        sync.Mutex
	folder    string
	running   map[string]*server
	databases int
}

// Close stops the servers and deletes their data.
func (s *Servers) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.running {
		if one.err == nil {
			one.stop()
		}
	}
	if s.folder == "" {
		return nil
	}
	return os.RemoveAll(s.folder)
}

// Database makes an empty database of a kind. It returns the name of the driver and
// the data source name for sql.Open. If the server is not installed, it skips the
// test, or fails if WXPAY_SERVERS is 1.
func (s *Servers) Database(t testing.TB, kind string) (driver, dsn string) {
	t.Helper()
	if kind == "SQLite" {
		file := filepath.ToSlash(filepath.Join(t.TempDir(), "test.db"))
		return "sqlite", "file:" + file + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one, err := s.start(kind)
	if errors.Is(err, errMissing) && os.Getenv(required) != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.databases++
	name := fmt.Sprintf("test_%d", s.databases)
	if err := one.execute(one.create + name); err != nil {
		t.Fatal(err)
	}
	return one.driver, one.dsn(name)
}

var errMissing = errors.New("not installed")

// start returns the server of a kind.
func (s *Servers) start(kind string) (*server, error) {
	if one := s.running[kind]; one != nil {
		return one, one.err
	}
	if s.folder == "" {
		var err error
		if s.folder, err = os.MkdirTemp("", "sqlstore"); err != nil {
			return nil, err
		}
		// The server may run as another user.
		if err := os.Chmod(s.folder, 0o711); err != nil {
			return nil, err
		}
		s.running = make(map[string]*server)
	}
	one := &server{spec: specs[kind], folder: filepath.Join(s.folder, kind)}
	if one.err = one.start(); one.err != nil {
		one.err = fmt.Errorf("%s: %w", kind, one.err)
	}
	s.running[kind] = one
	return one, one.err
}

// A spec says how to run a kind of server.
type spec struct {
	driver string
	user   string // who runs it if the test runs as root, which the servers refuse
	admin  string // a database that is always there
	create string // the statement that makes a database
	source string // the data source name, of a port and a database
	end    syscall.Signal
	init   func(folder string) []string
	serve  func(folder string, port int) []string
	places []string // of the programs, beside PATH
}

var specs = map[string]spec{
	"PostgreSQL": {
		driver: "pgx", user: "postgres", admin: "public", end: syscall.SIGQUIT, // at once
		create: "CREATE SCHEMA ", // does for a database, and takes no second
		source: "postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable&search_path=%s",
		places: []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"},
		init: func(folder string) []string {
			return []string{"initdb", "-D", folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"}
		},
		serve: func(folder string, port int) []string {
			return []string{"postgres", "-D", folder, "-p", strconv.Itoa(port), "-h", "127.0.0.1",
				"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200",
				"-c", "deadlock_timeout=100ms"} // tests have more deadlocks than shops
		},
	},
	"MariaDB": {
		driver: "mysql", user: "mysql", admin: "mysql", end: syscall.SIGKILL,
		create: "CREATE DATABASE ",
		source: "root@tcp(127.0.0.1:%d)/%s",
		places: []string{"/usr/sbin", "/usr/local/sbin"},
		init: func(folder string) []string {
			return []string{"mariadb-install-db", "--no-defaults", "--datadir=" + folder, "--auth-root-authentication-method=normal",
				"--skip-test-db", "--skip-name-resolve", "--innodb-flush-method=nosync"}
		},
		serve: func(folder string, port int) []string {
			return []string{"mariadbd", "--no-defaults", "--datadir=" + folder, "--port=" + strconv.Itoa(port), "--bind-address=127.0.0.1",
				"--socket=" + filepath.Join(folder, "s"), "--pid-file=" + filepath.Join(folder, "pid"), "--skip-name-resolve",
				"--innodb-flush-method=nosync", "--max-connections=200"}
		},
	},
	"MySQL": {
		driver: "mysql", user: "mysql", admin: "mysql", end: syscall.SIGKILL,
		create: "CREATE DATABASE ",
		source: "root@tcp(127.0.0.1:%d)/%s",
		init: func(folder string) []string {
			return []string{os.Getenv(mysqld), "--no-defaults", "--datadir=" + folder, "--initialize-insecure", "--innodb-flush-method=nosync"}
		},
		serve: func(folder string, port int) []string {
			return []string{os.Getenv(mysqld), "--no-defaults", "--datadir=" + folder, "--port=" + strconv.Itoa(port), "--bind-address=127.0.0.1",
				"--socket=" + filepath.Join(folder, "s"), "--pid-file=" + filepath.Join(folder, "pid"),
				"--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--max-connections=200", "--secure-file-priv=NULL", "--mysqlx=OFF"}
		},
	},
}

// A server is a running server, or the error of starting it.
type server struct {
	spec
	folder string
	port   int
	err    error

	process *exec.Cmd
	ended   chan struct{}
	log     bytes.Buffer // complete when ended is closed
}

const startWithin = 2 * time.Minute

func (s *server) start() error {
	if err := os.Mkdir(s.folder, 0o700); err != nil {
		return err
	}
	init, err := s.command(s.init(s.folder))
	if err != nil {
		return err
	}
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", init, err, out)
	}
	for range 3 { // another process may take the port that was free
		if err = s.serveOn(freePort()); err == nil {
			return nil
		}
	}
	return err
}

func (s *server) serveOn(port int) (err error) {
	s.port = port
	if s.process, err = s.command(s.serve(s.folder, port)); err != nil {
		return err
	}
	s.log.Reset()
	s.process.Stdout, s.process.Stderr = &s.log, &s.log
	if err := s.process.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func() {
		_ = s.process.Wait() // the log says why
		close(s.ended)
	}()
	for deadline := time.Now().Add(startWithin); time.Now().Before(deadline); {
		select {
		case <-s.ended:
			return fmt.Errorf("%s ended:\n%s", s.process, s.log.Bytes())
		case <-time.After(20 * time.Millisecond):
		}
		if err = s.execute("SELECT 1"); err == nil {
			return nil
		}
	}
	s.stop()
	return fmt.Errorf("%s did not answer within %v: %w\n%s", s.process, startWithin, err, s.log.Bytes())
}

func (s *server) stop() {
	if s.process.Process.Signal(s.end) == nil {
		select {
		case <-s.ended:
			return
		case <-time.After(10 * time.Second):
		}
	}
	_ = s.process.Process.Kill()
	<-s.ended
}

func (s *server) dsn(database string) string {
	return fmt.Sprintf(s.source, s.port, url.PathEscape(database))
}

// execute executes a statement in a connection of its own.
func (s *server) execute(statement string) error {
	db, err := sql.Open(s.driver, s.dsn(s.admin))
	if err != nil {
		return err
	}
	_, err = db.Exec(statement)
	return errors.Join(err, db.Close())
}

// command returns the command of a program, which runs as a user that is not root.
func (s *server) command(args []string) (*exec.Cmd, error) {
	path, err := s.find(args[0])
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = s.folder
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		if uid, gid, err = idsOf(s.user, "nobody"); err != nil {
			return nil, err
		}
		if err := os.Chown(s.folder, uid, gid); err != nil {
			return nil, err
		}
	}
	cmd.SysProcAttr = attributes(uid, gid, s.end)
	return cmd, nil
}

func (s *server) find(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, place := range s.places {
		paths, err := filepath.Glob(filepath.Join(filepath.FromSlash(place), program))
		if err == nil && len(paths) > 0 {
			return slices.Max(paths), nil
		}
	}
	return "", fmt.Errorf("%s is %w", program, errMissing)
}

// idsOf returns the ids of the first of the users that exists.
func idsOf(names ...string) (uid, gid int, err error) {
	for _, name := range names {
		var one *user.User
		if one, err = user.Lookup(name); err != nil {
			continue
		}
		uid, err = strconv.Atoi(one.Uid)
		if err != nil {
			return 0, 0, err
		}
		gid, err = strconv.Atoi(one.Gid)
		return uid, gid, err
	}
	return 0, 0, err
}

// freePort returns a port that was free, or 0.
func freePort() int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
