// Package anthropic plays Anthropic's servers for tests that run the real client, without a network or an account. Use
// it when a test starts the real client and must say what the service answers.
//
// The client uses an HTTPS proxy on loopback and trusts a test certificate authority. For every host the proxy itself
// ends the TLS of a CONNECT request. The service that the stand-in client asks (internal/standin/service) then answers
// what comes through the tunnel. Nothing leaves the machine: the proxy never dials.
package anthropic

import (
	"bufio"
	"context"
	"crypto/tls"

	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// Server is Anthropic's API and token endpoint behind an HTTPS proxy on loopback.
type Server struct {
	service  *service.Service
	ca       *authority
	caFile   string
	listener net.Listener
	http     *http.Server
	tunnels  *tunnels
	done     chan struct{} // closed when both Serve loops have ended
}

// Start starts a server in front of s and writes the authority's certificate into dir. Close ends it.
func Start(s *service.Service, dir string) (*Server, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	caFile := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(caFile, ca.pem, 0o600); err != nil {
		return nil, fmt.Errorf("write the test authority: %w", err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the test proxy: %w", err)
	}
	srv := &Server{
		service: s, ca: ca, caFile: caFile, listener: listener,
		tunnels: newTunnels(listener.Addr()), done: make(chan struct{}),
	}
	srv.http = &http.Server{Handler: http.HandlerFunc(srv.serve), ReadHeaderTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0)} // a client that is killed leaves half a handshake
	go func() {
		defer close(srv.done)
		var wg sync.WaitGroup
		wg.Go(func() { _ = srv.http.Serve(srv.tunnels) }) // ends with ErrServerClosed at Close
		_ = srv.http.Serve(listener)
		wg.Wait()
	}()
	return srv, nil
}

// Environ is what the client needs in its environment to talk to this server.
func (srv *Server) Environ() []string {
	return []string{
		"HTTPS_PROXY=http://" + srv.listener.Addr().String(),
		"NODE_EXTRA_CA_CERTS=" + srv.caFile,
		"DISABLE_AUTOUPDATER=1",
	}
}

// Close ends the server and everything that is still being answered.
func (srv *Server) Close() error {
	err := srv.http.Close()
	srv.tunnels.Close()
	<-srv.done
	return err
}

func (srv *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		srv.connect(w, r)
		return
	}
	srv.answer(w, r)
}

// connect ends the client's TLS as the requested host would, and passes the tunnel to the same HTTP server.
func (srv *Server) connect(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		http.Error(w, "bad host", http.StatusBadRequest)
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = conn.Close() // the client has gone
		return
	}
	srv.tunnels.hand(tls.Server(bufferedConn{conn, buffered.Reader}, &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName != "" {
				return srv.ca.certificate(hello.ServerName)
			}
			return srv.ca.certificate(host)
		},
	}))
}

// bufferedConn is a connection from which a part has been read into a buffer.
type bufferedConn struct {
	net.Conn
	reader *bufio.Reader
}

func (c bufferedConn) Read(p []byte) (int, error) { return c.reader.Read(p) }

// tunnels is a net.Listener whose connections come out of CONNECT requests.
type tunnels struct {
	addr   net.Addr
	conns  chan net.Conn
	ctx    context.Context
	cancel context.CancelFunc
}

func newTunnels(addr net.Addr) *tunnels {
	ctx, cancel := context.WithCancel(context.Background())
	return &tunnels{addr: addr, conns: make(chan net.Conn), ctx: ctx, cancel: cancel}
}

func (t *tunnels) hand(conn net.Conn) {
	select {
	case t.conns <- conn:
	case <-t.ctx.Done():
		_ = conn.Close() // the server has ended
	}
}

// Accept implements net.Listener.
func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case conn := <-t.conns:
		return conn, nil
	case <-t.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (t *tunnels) Close() error { t.cancel(); return nil }

// Addr implements net.Listener.
func (t *tunnels) Addr() net.Addr { return t.addr }
