package natsbus

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// opening is how long the server in this process may take to be there.
const opening = 20 * time.Second

// listen opens a NATS server in this process. Its streams are on disk before they are
// acknowledged, as the journal is.
func listen(address, dir string, who credentials, logger *slog.Logger) (*server.Server, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, err := net.LookupPort("tcp", port)
	if err != nil {
		return nil, err
	}
	if number == 0 {
		number = server.RANDOM_PORT
	}
	if who.file != "" {
		return nil, errors.New("a credentials file is for nats.url; the server that nats.listen opens takes user:password or a token")
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "floorwalker", Host: host, Port: number, NoSigs: true, MaxPayload: 1 << 20,
		JetStream: true, StoreDir: dir, SyncAlways: true,
		Username: who.user, Password: who.password, Authorization: who.token,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the server at %s: %w", address, err)
	}
	log := &serverLog{logger: logger, fatal: make(chan string, 1)}
	s.SetLoggerV2(log, false, false, false)
	s.Start()
	if err := log.ready(s); err != nil {
		s.Shutdown()
		s.WaitForShutdown()
		return nil, fmt.Errorf("opening the server at %s: %w; another may be running there, or choose another --nats-listen", address, err)
	}
	return s, nil
}

// serverLog takes what the server has to say.
type serverLog struct {
	logger *slog.Logger
	fatal  chan string // the first word of an end
}

var _ server.Logger = (*serverLog)(nil)

// ready waits until connections are taken.
func (l *serverLog) ready(s *server.Server) error {
	for range int(opening / (50 * time.Millisecond)) {
		if s.ReadyForConnections(50 * time.Millisecond) {
			return nil
		}
		select {
		case why := <-l.fatal:
			return errors.New(why)
		default:
		}
	}
	return errors.New("it wasn't ready within " + strconv.Itoa(int(opening/time.Second)) + " s")
}

func (l *serverLog) Noticef(format string, v ...any) { l.logger.Debug(text(format, v)) }
func (l *serverLog) Debugf(format string, v ...any)  { l.logger.Debug(text(format, v)) }
func (l *serverLog) Tracef(format string, v ...any)  { l.logger.Debug(text(format, v)) }
func (l *serverLog) Warnf(format string, v ...any)   { l.logger.Warn(text(format, v)) }
func (l *serverLog) Errorf(format string, v ...any)  { l.logger.Error(text(format, v)) }

// Fatalf is what the server would end its process for.
func (l *serverLog) Fatalf(format string, v ...any) {
	l.logger.Error(text(format, v))
	select {
	case l.fatal <- fmt.Sprintf(format, v...):
	default:
	}
}

func text(format string, v []any) string { return "NATS server: " + fmt.Sprintf(format, v...) }
