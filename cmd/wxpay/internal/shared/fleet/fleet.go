// Package fleet carries the lines of batches to workers on any number of machines,
// and the results back, over NATS JetStream. It does not know what a line or a
// result says.
//
// A batch has three streams: its lines, with a subject for each line; its results,
// with a subject for each line too; and its marks, which record that work on a line
// began. Whoever writes says which sequence it expects to be the last of the
// subject. A line is therefore published once, and has one result, whoever repeats
// what.
package fleet

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/internal/pause"
)

const (
	connectTime   = 5 * time.Second
	reconnectWait = 500 * time.Millisecond
	pingInterval  = 10 * time.Second
	requestTime   = 5 * time.Second // for an answer of the server
	patience      = time.Minute     // for servers that come back
)

// ErrSettings is the error of settings that do not lead to a connection.
var ErrSettings = lang.Errorf("the settings for NATS are wrong")

// A Fleet is a connection to NATS servers with JetStream.
type Fleet struct {
	nc       *nats.Conn
	js       jetstream.JetStream
	replicas int
}

// Connect connects to the servers. replicas says how many servers keep what is new;
// 0 means 3 in a cluster, and 1 on a single server.
func Connect(ctx context.Context, s Settings, replicas int) (*Fleet, error) {
	opts, err := s.options("wxpay")
	if err != nil {
		return nil, lang.Errorf("%w: %w", ErrSettings, err)
	}
	nc, err := nats.Connect(s.URL, opts...)
	if err != nil {
		return nil, s.unconnected(err)
	}
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(requestTime), jetstream.WithPublishAsyncMaxPending(maxPending),
		jetstream.WithPublishAsyncTimeout(requestTime))
	if err != nil {
		nc.Close()
		return nil, err
	}
	if err := checkJetStream(ctx, js); err != nil {
		nc.Close()
		return nil, lang.Errorf("%w: the servers (%s) have no JetStream: %w; start them with nats-server -js, or enable it for the account", ErrSettings, s.hosts(), err)
	}
	return &Fleet{nc, js, replicas}, nil
}

// unconnected says why there is no connection, and what to do.
func (s Settings) unconnected(err error) error {
	switch {
	case errors.Is(err, nats.ErrNoServers):
		return lang.Errorf("connect to NATS (%s): no server answers; start one with nats-server -js, or correct --nats or NATS_URL", s.hosts())
	case errors.Is(err, nats.ErrAuthorization):
		return lang.Errorf("connect to NATS (%s): %w: the server refuses the login; check NATS_USER and NATS_PASSWORD, NATS_TOKEN or --nats-creds", s.hosts(), err)
	}
	return lang.Errorf("connect to NATS (%s): %w", s.hosts(), err)
}

// checkJetStream returns an error if the servers, or the account, have no JetStream.
// It gives a server that has just started some time. Other errors are left to the first
// request that needs an answer.
func checkJetStream(ctx context.Context, js jetstream.JetStream) (err error) {
	const tries, every = 4, 500 * time.Millisecond
	for range tries {
		_, err = js.AccountInfo(ctx)
		if !errors.Is(err, jetstream.ErrJetStreamNotEnabled) && !errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
			return nil
		}
		if err := pause.For(ctx, every); err != nil {
			return err
		}
	}
	return err
}

// Close closes the connection.
func (f *Fleet) Close() { f.nc.Close() }

// overhead is the room for the headers and the subject of a message.
const overhead = 1 << 10

// MaxData is the maximum size of a line or a result that the servers take.
func (f *Fleet) MaxData() int { return int(f.nc.MaxPayload()) - overhead }

// The codes of errors that package jetstream has no names for.
const (
	wrongLastSequence   jetstream.ErrorCode = 10164 // like JSErrCodeStreamWrongLastSequence
	clusterNotAvailable jetstream.ErrorCode = 10008
	notClustered        jetstream.ErrorCode = 10074
	streamOffline       jetstream.ErrorCode = 10118
	accountFull         jetstream.ErrorCode = 10002
	serverFull          jetstream.ErrorCode = 10023
	memoryFull          jetstream.ErrorCode = 10028
	storageFull         jetstream.ErrorCode = 10047
	streamFull          jetstream.ErrorCode = 10077
	noPeers             jetstream.ErrorCode = 10005
)

func codeOf(err error) jetstream.ErrorCode {
	var api jetstream.JetStreamError
	if errors.As(err, &api) && api.APIError() != nil {
		return api.APIError().ErrorCode
	}
	return 0
}

// isRaced reports whether a message was refused because another one is the last of
// its subject.
func isRaced(err error) bool {
	code := codeOf(err)
	return code == jetstream.JSErrCodeStreamWrongLastSequence || code == wrongLastSequence
}

// isTemporary reports whether the same request may succeed later.
func isTemporary(err error) bool {
	var api jetstream.JetStreamError
	if errors.As(err, &api) && api.APIError() != nil {
		code := api.APIError().Code
		return api.APIError().ErrorCode == clusterNotAvailable || api.APIError().ErrorCode == streamOffline || code == 429
	}
	return errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrDisconnected) || errors.Is(err, nats.ErrReconnectBufExceeded) ||
		errors.Is(err, jetstream.ErrAsyncPublishTimeout) || errors.Is(err, jetstream.ErrTooManyStalledMsgs) || errors.Is(err, nats.ErrConnectionReconnecting) ||
		errors.Is(err, jetstream.ErrInvalidJSAck)
}

// explained adds to an error of the servers what to do about it.
func explained(err error) error {
	switch codeOf(err) {
	case accountFull, serverFull, memoryFull, storageFull, streamFull:
		return lang.Errorf("%w: the NATS servers have no room for it; remove batches that are done, or raise max_file_store, or the limit of the account or the stream", err)
	case notClustered:
		return lang.Errorf("%w: the server is not in a cluster; leave out --replicas", err)
	case noPeers:
		return lang.Errorf("%w: fewer servers run than --replicas says, or than the 3 that it is without", err)
	}
	return err
}

// orRemoved returns ErrRemoved in place of err if nobody answered because no stream has
// the subject. Without a leader a stream does not answer either, but exists.
func (f *Fleet) orRemoved(ctx context.Context, err error, subject string) error {
	if !errors.Is(err, jetstream.ErrNoStreamResponse) && !errors.Is(err, nats.ErrNoResponders) {
		return err
	}
	if _, missing := f.js.StreamNameBySubject(ctx, subject); errors.Is(missing, jetstream.ErrStreamNotFound) {
		return ErrRemoved
	}
	return err
}

// persist calls do until it succeeds, fails for good, or ctx ends. The error is the
// last one of do.
func persist(ctx context.Context, do func(ctx context.Context) error) error {
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		once, cancel := context.WithTimeout(ctx, requestTime)
		err := do(once)
		cancel()
		if err == nil || !isTemporary(err) {
			return err
		}
		if pause.For(ctx, wait) != nil {
			return errors.Join(ctx.Err(), err)
		}
	}
}

// manage is persist with a limited patience, for commands that people wait for.
func manage(ctx context.Context, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return persist(ctx, do)
}

// replicated calls create with the number of replicas.
func (f *Fleet) replicated(ctx context.Context, create func(ctx context.Context, replicas int) error) error {
	return manage(ctx, func(ctx context.Context) error {
		n := f.replicas
		if n == 0 {
			n = 3
		}
		err := create(ctx, n)
		if f.replicas == 0 && isSingle(err) {
			err = create(ctx, 1)
		}
		return err
	})
}

// isSingle reports whether the server has no others to replicate to.
func isSingle(err error) bool {
	var api jetstream.JetStreamError
	return err != nil && errors.As(err, &api) && api.APIError() != nil &&
		(api.APIError().ErrorCode == notClustered || strings.Contains(api.APIError().Description, "non-clustered"))
}
