package sip

import (
	"bytes"
	"testing"
	"time"
)

func TestReliabilityHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(RSeq, "988789", uint32(988789)),
		reads(RSeq, "0001", uint32(1), "1"),
		rejects(RSeq, "4294967296"),
		rejects(RSeq, "-1"),
		rejects(RSeq, ""),
		same(RAck, "776656 1 INVITE", ReliableAck{776656, Seq{1, INVITE}}),
		reads(RAck, "1\t 2 \tUPDATE", ReliableAck{1, Seq{2, UPDATE}}, "1 2 UPDATE"),
		rejects(RAck, "776656 INVITE"),
		rejects(RAck, "776656 1"),
		rejects(RAck, "1 2 INVITE x"),
		rejects(RAck, "x 1 INVITE"),
		rejects(RAck, ""),
	})
}

func TestSessionTimerHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(SessionExpires, "4000;refresher=uac", Interval{4000 * time.Second, ";refresher=uac"}),
		reads(SessionExpires, "1800 ;x", Interval{1800 * time.Second, ";x"}, "1800;x"),
		rejects(SessionExpires, ";refresher=uac"),
		rejects(SessionExpires, "1h"),
		rejects(SessionExpires, `90;x="`),
		same(MinSE, "90", Interval{Delta: 90 * time.Second}),
		same(MinSE, "60;lr;x=y", Interval{time.Minute, ";lr;x=y"}),
		rejects(MinSE, "-90"),
	})
	v, err := SessionExpires.Get(withHeaders(t, "x: 90;Refresher=UAS"))
	if v.Refresher() != "uas" || err != nil {
		t.Error(v, err)
	}
	if got := v.WithRefresher("uac").String(); got != "90;refresher=uac" {
		t.Error(got)
	}
	if (Interval{}).Refresher() != "" {
		t.Error("a refresher out of nothing")
	}
}

func TestReason(t *testing.T) {
	runCases(t, []headerCase{
		same(Reason, `SIP;cause=200;text="Call completed elsewhere"`, ReasonValue{"SIP", `;cause=200;text="Call completed elsewhere"`}),
		lists(Reason, []string{`Q.850;cause=16;text="Terminated, by", SIP;cause=600`}, ReasonValue{"Q.850", `;cause=16;text="Terminated, by"`}, ReasonValue{"SIP", ";cause=600"}),
		same(Reason, "Q.850;cause=16;text=Normal call clearing", ReasonValue{"Q.850", ";cause=16;text=Normal call clearing"}),
		rejects(Reason, ";cause=16"),
		rejects(Reason, `SIP;text="x`),
	})
	r := NewReason("Q.850", 16, "Normal")
	if got := r.String(); got != `Q.850;cause=16;text="Normal"` {
		t.Error(got)
	}
	if code, ok := r.Cause(); code != 16 || !ok || r.Text() != "Normal" || !r.Is("q.850") {
		t.Error(code, ok, r.Text())
	}
	r, _ = Reason.Get(withHeaders(t, "Reason: Q.850;cause=x;text=Normal call clearing"))
	if _, ok := r.Cause(); ok || r.Text() != "Normal call clearing" {
		t.Error(ok, r.Text())
	}
	if got := NewReason("SIP", 487, "").String(); got != "SIP;cause=487" {
		t.Error(got)
	}
}

func TestUserToUser(t *testing.T) {
	runCases(t, []headerCase{
		same(UserToUser, "56a390f3d2b7310023a2;encoding=hex;content=foo", UserData{"56a390f3d2b7310023a2", ";encoding=hex;content=foo"}),
		lists(UserToUser, []string{`"a, b";encoding=text, 00`}, UserData{"a, b", ";encoding=text"}, UserData{"00", ""}),
		reads(UserToUser, `"00"`, UserData{"00", ""}, "00"),
		rejects(UserToUser, "0 0"),
		rejects(UserToUser, `"00`),
	})
	u := NewUserData([]byte{0, 0xab}, "isdn-uui")
	if got := u.String(); got != "00AB;purpose=isdn-uui;encoding=hex" || u.Purpose() != "isdn-uui" {
		t.Error(got)
	}
	if b, ok := u.Bytes(); !bytes.Equal(b, []byte{0, 0xab}) || !ok {
		t.Error(b, ok)
	}
	for _, bad := range []UserData{{"00", ";encoding=text"}, {"0", ""}, {"0x", ""}} {
		if b, ok := bad.Bytes(); ok {
			t.Errorf("%v has bytes %v", bad, b)
		}
	}
}

func TestSessionID(t *testing.T) {
	const a, b = "ab30317f1a784dc48ff824d0d3715d86", "47755a9de7794ba387653f2099600ef2"
	runCases(t, []headerCase{
		same(SessionID, a+";remote="+b, SessionUUIDs{Local: a, Remote: b}),
		same(SessionID, a+";remote="+b+";x=y", SessionUUIDs{a, b, ";x=y"}),
		same(SessionID, a, SessionUUIDs{Local: a}),
		rejects(SessionID, a+";remote=1"),
		rejects(SessionID, a+";remote"),
		rejects(SessionID, a[1:]),
		rejects(SessionID, a+"0"),
		rejects(SessionID, "ab30317f-1a78-4dc4-8ff8-24d0d3715d86"),
		rejects(SessionID, ""),
	})
	v, err := SessionID.Get(withHeaders(t, "Session-ID: AB30317F1A784DC48FF824D0D3715D86"))
	if err != nil || v.String() != a {
		t.Error(v, err)
	}
	if got := (SessionUUIDs{Local: "x", Remote: NilSessionUUID}).String(); got != NilSessionUUID+";remote="+NilSessionUUID {
		t.Error(got)
	}
}

func TestAnswerModeHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(AnswerMode, "Auto;require", Item{"Auto", ";require"}),
		same(PrivAnswerMode, "Manual", Item{Value: "Manual"}),
		rejects(AnswerMode, "Auto Manual"),
		lists(PEarlyMedia, []string{"supported, sendrecv", "gated"}, "supported", "sendrecv", "gated"),
		rejects(PEarlyMedia, "send;recv"),
	})
}
