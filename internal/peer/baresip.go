package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Baresip is a running baresip, a soft phone with real SDP and RTP, held by its
// control socket. It needs no sound card: a sine is its microphone. Not for
// concurrent use.
type Baresip struct {
	*Process
	Port    uint16 // where it speaks SIP, over UDP and TCP
	control net.Conn
	in      *bufio.Reader
	events  []BaresipEvent // arrived, not asked for yet
	token   int
}

// A BaresipEvent is what baresip reports of its calls, such as CALL_INCOMING,
// CALL_ESTABLISHED, CALL_CLOSED.
type BaresipEvent struct {
	Event     bool   `json:"event"`
	Type      string `json:"type"`
	Direction string `json:"direction"`
	PeerURI   string `json:"peeruri"`
	Param     string `json:"param"`

	// A response to a command comes on the same socket.
	Response bool   `json:"response"`
	OK       bool   `json:"ok"`
	Data     string `json:"data"`
	Token    string `json:"token"`
}

// StartBaresip writes a configuration into dir and starts baresip on the
// loopback address, with media below the ports of FreePort. It answers no call by
// itself. The caller must call Stop.
func StartBaresip(ctx context.Context, program, dir, user string) (*Baresip, error) {
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	control, err := FreePort()
	if err != nil {
		return nil, err
	}
	modules, err := baresipModules(program)
	if err != nil {
		return nil, err
	}
	config := fmt.Sprintf(`poll_method epoll
sip_listen 127.0.0.1:%d
net_interface 127.0.0.1
audio_source ausine,440
audio_player aubridge,play
audio_alert aubridge,alert
ausrc_srate 48000
ausrc_channels 2
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
rtp_ports 10000-19999
module_path %s
module g711.so
module ausine.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:%d
`, port, modules, control)
	account := fmt.Sprintf("<sip:%s@127.0.0.1:%d>;regint=0;answermode=manual\n", user, port)
	for name, text := range map[string]string{"config": config, "accounts": account, "contacts": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	p, err := Start(exec.Command(program, "-f", dir, "-v"))
	if err != nil {
		return nil, err
	}
	b := &Baresip{Process: p, Port: port}
	if err := b.connect(ctx, control); err != nil {
		b.Stop()
		return nil, fmt.Errorf("%w\n%s", err, p.Transcript())
	}
	return b, nil
}

// baresipModules finds the modules that came with a baresip.
func baresipModules(program string) (string, error) {
	dir := filepath.Join(filepath.Dir(filepath.Dir(program)), "lib", "baresip", "modules")
	if _, err := os.Stat(filepath.Join(dir, "ctrl_tcp.so")); err != nil {
		return "", fmt.Errorf("peer: baresip without its control socket: %w", err)
	}
	return dir, nil
}

func (b *Baresip) connect(ctx context.Context, port uint16) error {
	for _, network := range []string{"tcp", "udp"} {
		if err := WaitBound(ctx, b.Process, network, b.Port); err != nil {
			return err
		}
	}
	if err := WaitBound(ctx, b.Process, "tcp", port); err != nil {
		return err
	}
	var d net.Dialer
	var err error
	if b.control, err = d.DialContext(ctx, "tcp", Loopback(port).String()); err != nil {
		return err
	}
	b.in = bufio.NewReader(b.control)
	return nil
}

// Stop ends it.
func (b *Baresip) Stop() {
	if b.control != nil {
		b.control.Close()
	}
	b.Process.Stop()
}

// Do gives a command, such as "dial sip:bob@127.0.0.1:5070", "accept" or
// "hangup", and waits until baresip has taken it.
func (b *Baresip) Do(ctx context.Context, command string) error {
	verb, params, _ := strings.Cut(command, " ")
	b.token++
	token := strconv.Itoa(b.token)
	msg, err := json.Marshal(map[string]string{"command": verb, "params": params, "token": token})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(b.control, "%d:%s,", len(msg), msg); err != nil {
		return err
	}
	for {
		ev, err := b.read(ctx)
		if err != nil {
			return fmt.Errorf("baresip: %s: %w", command, err)
		}
		switch {
		case ev.Event:
			b.events = append(b.events, ev)
		case ev.Response && ev.Token == token:
			if !ev.OK {
				return fmt.Errorf("baresip: %s: %s", command, ev.Data)
			}
			return nil
		}
	}
}

// Event waits for the next event of a type; those before it are passed over.
func (b *Baresip) Event(ctx context.Context, typ string) (BaresipEvent, error) {
	for {
		for len(b.events) > 0 {
			ev := b.events[0]
			b.events = b.events[1:]
			if ev.Type == typ {
				return ev, nil
			}
		}
		ev, err := b.read(ctx)
		if err != nil {
			return ev, fmt.Errorf("baresip: waiting for %s: %w\n%s", typ, err, b.Transcript())
		}
		if ev.Event {
			b.events = append(b.events, ev)
		}
	}
}

// read takes one netstring, "12:{…},", off the control socket.
func (b *Baresip) read(ctx context.Context) (BaresipEvent, error) {
	var ev BaresipEvent
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(30 * time.Second)
	}
	if err := b.control.SetReadDeadline(deadline); err != nil {
		return ev, err
	}
	head, err := b.in.ReadString(':')
	if err != nil {
		return ev, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(head, ":"))
	if err != nil || n < 0 || n > 1<<20 {
		return ev, fmt.Errorf("peer: not a netstring: %q", head)
	}
	body := make([]byte, n+1) // and the comma
	if _, err := io.ReadFull(b.in, body); err != nil {
		return ev, err
	}
	return ev, json.Unmarshal(body[:n], &ev)
}
