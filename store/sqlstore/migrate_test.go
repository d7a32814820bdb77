package sqlstore_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/store/sqlstore"
)

func TestMigrate(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		for range 2 {
			db.migrate(t)
		}
		db.checkInt(t, 1, `SELECT MAX(version) FROM wechatpay_notifications_version`)
		db.checkInt(t, 1, `SELECT COUNT(*) FROM wechatpay_notifications_version`)
		db.exec(t, `INSERT INTO wechatpay_notifications (id, delete_at) VALUES ('EV-1', 0)`)
		db.migrate(t)
		db.checkInt(t, 1, `SELECT COUNT(*) FROM wechatpay_notifications`)
	})
}

func TestMigrateAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		var processes sync.WaitGroup
		for range 8 {
			own := open(t, db.driver, db.dsn)
			processes.Go(func() {
				if err := sqlstore.Migrate(t.Context(), own, db.dialect); err != nil {
					t.Error(err)
				}
			})
		}
		processes.Wait()
		db.checkInt(t, 1, `SELECT COUNT(*) FROM wechatpay_notifications_version`)
	})
}

// A process that was killed leaves a part of a migration.
func TestMigrateAfterAKill(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		db.migrate(t)
		for _, part := range []string{`DELETE FROM wechatpay_notifications_version`, `DROP TABLE wechatpay_notifications_version`} {
			db.exec(t, part)
			db.migrate(t)
			db.checkInt(t, 1, `SELECT MAX(version) FROM wechatpay_notifications_version`)
		}
	})
}

func TestMigrateOlderProgram(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		db.migrate(t)
		db.exec(t, `INSERT INTO wechatpay_notifications_version VALUES (99)`)
		checkError(t, sqlstore.Migrate(t.Context(), db.DB, db.dialect), "sqlstore: Migrate: ", "version 99", "use a newer version of sqlstore")
	})
}

// A program without the right to create tables may call Migrate.
func TestMigrateWithoutRights(t *testing.T) {
	grants := map[sqlstore.Dialect][]string{
		sqlstore.PostgreSQL: {`CREATE ROLE shop_{test} LOGIN`, `GRANT USAGE ON SCHEMA {test} TO shop_{test}`,
			`GRANT SELECT, INSERT, UPDATE, DELETE ON wechatpay_notifications, wechatpay_notifications_version TO shop_{test}`},
		sqlstore.MySQL: {`CREATE USER shop_{test}@'127.0.0.1' IDENTIFIED BY 'secret-word'`, `GRANT SELECT, INSERT, UPDATE, DELETE ON wechatpay_notifications TO shop_{test}@'127.0.0.1'`,
			`GRANT SELECT ON wechatpay_notifications_version TO shop_{test}@'127.0.0.1'`},
	}
	eachServer(t, func(t *testing.T, db database) {
		db.migrate(t)
		name := db.dsn[strings.LastIndex(db.dsn, "test_"):]
		for _, grant := range grants[db.dialect] {
			db.exec(t, strings.ReplaceAll(grant, "{test}", name))
		}
		shop := open(t, db.driver, strings.NewReplacer("postgres@", "shop_"+name+"@", "root@", "shop_"+name+":secret-word@").Replace(db.dsn))
		if err := sqlstore.Migrate(t.Context(), shop, db.dialect); err != nil {
			t.Error(err)
		}
		checkError(t, sqlstore.Migrate(t.Context(), shop, db.dialect, sqlstore.Table("another")), "sqlstore: Migrate: creating table another_version")
	})
}

// The error of Migrate does not say to call it.
func TestMigrateWithoutSchema(t *testing.T) {
	eachServer(t, func(t *testing.T, db database) {
		err := sqlstore.Migrate(t.Context(), db.DB, db.dialect, sqlstore.Table("nowhere.seen"))
		checkError(t, err, "sqlstore: Migrate: ", "nowhere")
		if strings.Contains(err.Error(), "call sqlstore.Migrate") {
			t.Errorf("the advice is wrong: %v", err)
		}
	})
}

// A table of the caller's is left as it is.
func TestMigrateForeignTable(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		for _, columns := range []string{`no INTEGER`, `id VARCHAR(64) PRIMARY KEY, token VARCHAR(64), delete_at BIGINT`} {
			db.exec(t, `CREATE TABLE mine (`+columns+`)`)
			err := sqlstore.Migrate(t.Context(), db.DB, db.dialect, sqlstore.Table("mine"))
			checkError(t, err, "sqlstore: Migrate: table mine: it exists, and was not made by Migrate: use another name with Table")
			db.checkInt(t, 0, `SELECT COUNT(*) FROM mine`)
			db.exec(t, `DROP TABLE mine`)
		}
		db.migrate(t, sqlstore.Table("mine"))
	})
}

// A table that takes two IDs for one, or one ID twice, would lose notifications or handle
// them twice.
func TestMigrateForeignKey(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		ids := []string{`id VARCHAR(128)`, `id VARCHAR(128) PRIMARY KEY`, `id VARCHAR(128) COLLATE NOCASE PRIMARY KEY`}
		switch db.dialect {
		case sqlstore.PostgreSQL:
			ids = ids[:1]
		case sqlstore.MySQL:
			ids = ids[:2]
		case sqlstore.SQLite:
			ids = []string{ids[0], ids[2]}
		}
		for _, id := range ids {
			db.exec(t, `CREATE TABLE mine (`+id+`, token VARCHAR(64), lease_until BIGINT, handled_by VARCHAR(64), delete_at BIGINT)`)
			err := sqlstore.Migrate(t.Context(), db.DB, db.dialect, sqlstore.Table("mine"))
			checkError(t, err, "sqlstore: Migrate: table mine: its column id ", "it exists, and was not made by Migrate: use another name with Table")
			db.checkInt(t, 0, `SELECT COUNT(*) FROM mine`)
			db.exec(t, `DROP TABLE mine`)
		}
		db.migrate(t, sqlstore.Table("mine"))
		db.checkInt(t, 0, `SELECT COUNT(*) FROM mine`)
	})
}

// Somebody removed the table, and left that of its version.
func TestMigrateTableGone(t *testing.T) {
	eachMigrated(t, func(t *testing.T, db database) {
		db.exec(t, `DROP TABLE wechatpay_notifications`)
		for range 2 {
			db.migrate(t)
		}
		db.checkInt(t, 1, `SELECT COUNT(*) FROM wechatpay_notifications_version`)
		claim(t, newSeen(t, db), "EV-1", first)
	})
}

func TestTable(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		names := []string{"notifications", "Order", strings.Repeat("t", 50)}
		if db.kind == "PostgreSQL" {
			db.exec(t, `DROP SCHEMA IF EXISTS pay CASCADE`)
			db.exec(t, `CREATE SCHEMA pay`)
			names = append(names, "pay.notifications")
		}
		for _, name := range names {
			table := sqlstore.Table(name)
			db.migrate(t, table)
			db.migrate(t, table)
			seen, err := sqlstore.NewSeen(db.DB, db.dialect, table)
			if err != nil {
				t.Fatal(err)
			}
			claim(t, seen, "EV-1", first)
			claim(t, seen, "EV-1", busy)
		}
	})
}

func TestMistakes(t *testing.T) {
	db := newDatabase(t, "SQLite")
	for _, tt := range []struct {
		dialect sqlstore.Dialect
		option  sqlstore.Option
		want    []string
	}{
		{0, nil, []string{"the dialect is Dialect(0), want PostgreSQL, MySQL or SQLite"}},
		{7, nil, []string{"Dialect(7)"}},
		{sqlstore.MySQL, sqlstore.Table(`a"; DROP TABLE b`), []string{"Table:", "letters"}},
		{sqlstore.MySQL, sqlstore.Table(""), []string{"Table:"}},
		{sqlstore.MySQL, sqlstore.Table("a.b.c"), []string{"Table:"}},
		{sqlstore.MySQL, sqlstore.Table(strings.Repeat("t", 51)), []string{"Table:"}},
		{sqlstore.SQLite, sqlstore.Table("pay.seen"), []string{"Table:", "use the name alone"}},
		{sqlstore.SQLite, sqlstore.Lease(0), []string{"Lease: 0s is too short"}},
		{sqlstore.SQLite, sqlstore.Lease(-1), []string{"Lease: "}},
		{0, sqlstore.Keep(1), []string{"Keep: 1ns is shorter than the lease of 2m0s", "Dialect(0)"}},
	} {
		_, err := sqlstore.NewSeen(db.DB, tt.dialect, tt.option)
		checkError(t, err, append(tt.want, "sqlstore: ")...)
		checkError(t, sqlstore.Migrate(t.Context(), db.DB, tt.dialect, tt.option), tt.want...)
		p := newReceiver(t)
		p.Handler = sqlstore.Handler(p.receiver, db.DB, tt.dialect, creditPaid, tt.option)
		p.check(t, "EV-1", "a", 500)
		p.checkHeard(t, tt.want...)
	}
	_, err := sqlstore.NewSeen(nil, sqlstore.SQLite)
	checkError(t, err, "the *sql.DB is nil")
	p := newReceiver(t)
	p.Handler = sqlstore.Handler(p.receiver, nil, sqlstore.SQLite, nil)
	p.check(t, "EV-1", "a", 500)
	p.checkHeard(t, "the *sql.DB is nil", "Handler has no function")
}
