package stack

import (
	"runtime/debug"
	"time"

	"dum/internal/mailbox"
	"dum/sip"
	"dum/trace"
)

// Bounds of a strand's mailbox for messages; timers and commands always fit. A
// datagram that is dropped comes again, what came over a stream does not.
const (
	datagramBound = 64
	streamBound   = 1024
)

// A Strand is the serial home of one dialog set. Its methods may be called from
// any goroutine; what takes a [Turn] only in a turn of this strand. Idle it is
// a few hundred bytes, without a goroutine, a queue or a timer.
type Strand struct {
	stack *Stack
	box   mailbox.Box[event]
	slot  slot

	// What follows belongs to the turn.
	turn    Turn
	tu      TU
	key     Key   // the first that was bound
	more    []Key // the others
	due     time.Time
	timer   *time.Timer // nil while nothing is due
	armed   time.Time   // what it is set to
	servers *ServerTx   // live ones, the latest first
	clients *ClientTx
	closed  bool
	gone    bool // closed and without a transaction: no longer counted
}

// NewStrand makes a strand for tu. It counts against [Config.MaxStrands] until
// it is closed and its last transaction has ended; a strand that is never
// closed is never freed.
func (s *Stack) NewStrand(tu TU) *Strand {
	st := &Strand{stack: s, tu: tu}
	st.turn.strand = st
	s.roll.add(st)
	return st
}

// Stack is the stack that the strand belongs to.
func (st *Strand) Stack() *Stack { return st.stack }

// Do runs f in a turn: at once when the strand is idle, else as soon as what
// came before is done, possibly on another goroutine and after Do has
// returned. It is never refused, also by a closed strand.
func (st *Strand) Do(f func(*Turn)) { st.post(event{kind: evDo, f: f}) }

// Bind makes requests within the dialog set named k, and ACKs of its 2xx,
// arrive at this strand. It returns false when another strand has that name.
// Call it in a turn. The strings of k are kept as they are: clone what is cut
// from a message, or the strand keeps the message.
func (st *Strand) Bind(k Key) bool {
	if st.closed || !st.stack.sets.insert(k, bound{st, st.tu}) {
		return false
	}
	if st.key == (Key{}) {
		st.key = k
	} else {
		st.more = append(st.more, k)
	}
	return true
}

// Close ends the strand: its names are free, its TU hears no more and is let
// go, its client transactions end without a word, and server transactions
// without a final response are forgotten; the TU should have answered them.
// Failures sent to an INVITE are still repeated until their ACK, and
// tombstones stand. Closing twice does nothing.
func (st *Strand) Close(t *Turn) {
	if st.closed {
		return
	}
	st.closed = true
	s := st.stack
	if st.key != (Key{}) {
		s.sets.remove(st.key)
		for _, k := range st.more {
			s.sets.remove(k)
		}
	}
	st.tu, st.due, st.more = nil, time.Time{}, nil
	for tx := st.servers; tx != nil; tx = tx.next {
		if !tx.Answered() {
			tx.end()
		}
	}
	for tx := st.clients; tx != nil; tx = tx.next {
		tx.end()
	}
}

// eventKind tells what an event brings to a strand.
type eventKind uint8

const (
	evDo          eventKind = iota // f
	evTimer                        // the timer fired
	evRequest                      // server: a new transaction
	evAgain                        // server: a copy of its request
	evAck                          // server, in: an ACK with its branch
	evCancel                       // server, in: a CANCEL of it
	evAck2xx                       // in: an ACK for the TU
	evResponse                     // client, in
	evFailed                       // client, err: its flow is gone
	evUnreachable                  // client, err: the network sent a datagram back
	evEnd                          // the stack closes
)

type event struct {
	kind   eventKind
	in     *Inbound
	server *ServerTx
	client *ClientTx
	f      func(*Turn)
	err    error
}

// drainer is the strand as its mailbox sees it.
type drainer Strand

func (st *Strand) post(ev event) { st.box.Post((*drainer)(st), ev) }

// offer is post for what a message brings; false comes back when too many wait.
func (st *Strand) offer(ev event, reliable bool) bool {
	if reliable {
		return st.box.Offer((*drainer)(st), ev, streamBound)
	}
	return st.box.Offer((*drainer)(st), ev, datagramBound)
}

// Go moves the draining of a busy mailbox off the goroutine that did it. It
// runs until the mailbox is empty or another burst is done.
func (d *drainer) Go(f func()) {
	k := &d.stack.tasks
	if !k.enter() {
		f() // the stack is closing: nothing new begins
		return
	}
	go func() {
		defer k.leave()
		f()
	}()
}

// Handle is one turn.
func (d *drainer) Handle(ev event) {
	st := (*Strand)(d)
	var now time.Time
	if ev.in != nil {
		now = ev.in.At
	} else {
		now = time.Now()
	}
	if now.After(st.turn.now) {
		st.turn.now = now
	}
	t := &st.turn
	returned := false
	defer func() {
		if !returned {
			// After runtime.Goexit there is nothing to recover, and no fault.
			if v := recover(); v != nil {
				st.fault(t, v)
			}
			st.settle()
		}
	}()
	st.step(t, ev)
	returned = true
	st.settle()
}

func (st *Strand) step(t *Turn, ev event) {
	switch ev.kind {
	case evDo:
		ev.f(t)
	case evTimer:
		st.armed = time.Time{}
		st.expire(t)
	case evRequest:
		ev.server.begin(t)
	case evAgain:
		ev.server.again()
	case evAck:
		ev.server.recvAck(t, ev.in)
	case evCancel:
		ev.server.recvCancel(t, ev.in)
	case evAck2xx:
		if !st.closed {
			st.tu.RecvAck(t, ev.in)
		}
	case evResponse:
		ev.client.recv(t, ev.in)
	case evFailed:
		ev.client.fail(t, ev.err)
	case evUnreachable:
		if ev.client.waiting() {
			ev.client.fail(t, ev.err)
		}
	case evEnd:
		st.end(t)
	}
}

// expire does what is due. A callback may end or begin other transactions, so
// the search starts again after each.
func (st *Strand) expire(t *Turn) {
	for again := true; again; {
		again = false
		for tx := st.servers; tx != nil && !again; tx = tx.next {
			if d := tx.deadline(); !d.IsZero() && !d.After(t.now) {
				tx.expire(t)
				again = true
			}
		}
		for tx := st.clients; tx != nil && !again; tx = tx.next {
			if d := tx.deadline(); !d.IsZero() && !d.After(t.now) {
				tx.expire(t)
				again = true
			}
		}
	}
	if !st.due.IsZero() && !st.due.After(t.now) {
		st.due = time.Time{}
		st.tu.Expire(t)
	}
}

// settle ends a turn: it sets the one timer to the earliest deadline, or lets
// go of it, and of the strand when nothing is left of that.
func (st *Strand) settle() {
	at := st.due
	for tx := st.servers; tx != nil; tx = tx.next {
		at = earlier(at, tx.deadline())
	}
	for tx := st.clients; tx != nil; tx = tx.next {
		at = earlier(at, tx.deadline())
	}
	switch {
	case at.IsZero():
		if st.timer != nil {
			st.timer.Stop()
			st.timer, st.armed = nil, time.Time{}
		}
	case !st.armed.IsZero() && !at.Before(st.armed):
		// The timer fires early; that turn will set it again. Most deadlines move
		// away or go before they come, so this saves a lot of setting.
	default:
		st.armed = at
		if d := time.Until(at); st.timer == nil {
			// Takes a turn when the strand's next deadline has come.
			st.timer = time.AfterFunc(d, st.wake)
		} else {
			st.timer.Reset(d)
		}
	}
	if st.closed && !st.gone && st.servers == nil && st.clients == nil {
		st.gone = true
		st.stack.roll.remove(st)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// wake runs on the timer's goroutine.
func (st *Strand) wake() {
	k := &st.stack.tasks
	if !k.enter() {
		return
	}
	defer k.leave()
	st.post(event{kind: evTimer})
}

// fault ends the strand after a panic in a turn of it.
func (st *Strand) fault(t *Turn, value any) {
	s := st.stack
	e := &PanicError{Value: value, Stack: debug.Stack()}
	s.stats.panics.Add(1)
	if s.trace.On() {
		s.trace.Record(t.now, trace.Panic{CallID: st.key.CallID, Value: value, Stack: e.Stack})
	}
	for tx := st.servers; tx != nil; tx = tx.next {
		if !tx.Answered() {
			st.guard(func() { _ = tx.Respond(t, sip.NewResponse(tx.Request(), 500, "")) })
		}
	}
	st.lose(t, e)
}

// end is the end of the strand with the stack: nothing outlives it.
func (st *Strand) end(t *Turn) {
	st.lose(t, ErrClosed)
	for tx := st.servers; tx != nil; tx = tx.next {
		tx.end()
	}
}

func (st *Strand) lose(t *Turn, err error) {
	if !st.closed {
		st.guard(func() { st.tu.Fault(t, err) })
	}
	st.Close(t)
}

// guard keeps a second panic from getting out: the strand is lost already.
func (st *Strand) guard(f func()) {
	defer func() { _ = recover() }()
	f()
}
