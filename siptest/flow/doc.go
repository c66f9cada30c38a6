// Package flow runs call flows that are written as text: real managers of
// package dum, scripted peers and proxies on a network in memory, in a
// [testing/synctest] bubble, so that a flow of minutes takes milliseconds.
//
// # The text
//
// A flow file is a list of blocks. A block is commands, a line of four dashes,
// and what happened then: the ladder of what crossed the wire and what each
// user saw. It ends with an empty line. What happened is written by the runner
// (the update flag of a test) and reviewed by people.
//
//	# RFC 3665 §3.9: Unsuccessful, busy.
//	agent alice
//	agent bob
//
//	alice dial bob offer=a
//	bob reject 486
//	----
//	alice -> bob   INVITE 1 sdp=a
//	bob: call from alice, offer a
//	bob -> alice   486 INVITE 1
//	alice -> bob   ACK 1
//	alice: dial failed: 486 Busy Here
//
// "#" begins a comment. The commands of a block are carried out one after the
// other, each waiting for what it needs: "bob reject" waits for a call. After
// the last one a tenth of a second passes, and what happened by then belongs to
// the block. Lines of the same moment are sorted: the wire first, then the
// users. "+500ms" in front of a line tells how long after the commands it was,
// when that is longer than the tenth of a second.
//
// A line of the ladder shows the two ends, the method or status, the CSeq, the
// name of the body, and what "show" asks for; in brackets what became of it:
// lost, held, late, doubled, delayed, and again for a retransmission.
//
// # Commands
//
// Who is there, before anything else:
//
//	agent NAME [over=tcp] [proxy=NAME] [user=U password=P realm=R] [challenge=R]
//	    a dum.Manager; with challenge it demands credentials for its calls, and
//	    knows alice with the password "secret"
//	peer NAME [over=tcp]      a scripted end point, see [dum/siptest.Peer], that
//	    repeats what it has said until it is heard
//	proxy NAME [over=tcp] [record-route] [challenge=R] [next=NAME]
//	    a proxy without transactions; next is where it sends what has no route
//	host NAME                 an address where nobody is
//	show COLUMN…              call branch tags uri route contact auth reason via
//	sweep KIND…               lose double swap, or none; all three by default
//	sweep unordered           a user's outcomes may come in another order
//	alike TEXT | TEXT…        outcomes of a race that are as good as the first
//	clock off                 no "+500ms": the times are random
//
// What an agent does, the last call being meant unless call=N says which:
//
//	A dial B [offer=X | answer=X]
//	A ring [CODE] [sdp=X]     A accept [sdp=X]        A reject CODE [REASON]
//	A redirect CODE B         A cancel                A bye
//	A offer [X]               a re-INVITE; without X it asks for an offer
//	A will answer X | refuse CODE | wait   what an offer of the peer gets in
//	                          calls from now on; before that it is the default
//	A answers X               answers the one that "will wait" kept
//	A options B               A request METHOD B
//	A shutdown
//
// What a peer does; "answers" speaks to the last request that was expected, or
// to the last of the method that to= names:
//
//	P expect WHAT             as for [dum/siptest.Packet.Is]
//	P answers CODE [tag=T] [sdp=X] [to=METHOD] [contact=URI] [challenge=R]
//	P invites A [sdp=X]       P acks [sdp=X]          P cancels
//	P sends METHOD [tag=T] [sdp=X] [contact=URI]      within the dialog
//	P repeats                 the last message once more
//
// What happens to the network:
//
//	net lose|double|swap A -> B WHAT [times=N]   the next packet like this
//	net hold A -> B WHAT      keeps packets like this
//	net release | drop        ends the holds
//	wait DURATION             lets time pass
//
// # Sweeps
//
// [Test] also runs each flow again with its first datagram lost, with its
// second one lost, and so on, then doubled, then swapped with its successor.
// The ladder differs then, but the users must see the same outcomes, and in
// the end no manager may hold a dialog set, a transaction, a timer or a
// goroutine. Progress that is lost with a provisional response is no outcome.
package flow
