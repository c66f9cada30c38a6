package sip

import "testing"

func TestDialogReferences(t *testing.T) {
	runCases(t, []headerCase{
		same(Replaces, "98732@sip.example.com;to-tag=ff87ff;from-tag=r33th4x0r",
			DialogRef{CallID: "98732@sip.example.com", Local: "ff87ff", Remote: "r33th4x0r"}),
		reads(Replaces, "a@b ; From-Tag=2 ;x=y; early-only;to-tag=0;z",
			DialogRef{"a@b", "0", "2", true, ";x=y;z"}, "a@b;to-tag=0;from-tag=2;early-only;x=y;z"),
		same(Join, "a@b;to-tag=1;from-tag=2", DialogRef{CallID: "a@b", Local: "1", Remote: "2"}),
		same(TargetDialog, "fa77as7dad8@host;local-tag=kkaz-;remote-tag=6544",
			DialogRef{CallID: "fa77as7dad8@host", Local: "kkaz-", Remote: "6544"}),
		rejects(Replaces, ""),
		rejects(Replaces, "a@b"),
		rejects(Replaces, "a@b;to-tag=1"),
		rejects(Replaces, "a@b;from-tag=1"),
		rejects(Replaces, "a@b;to-tag=1;to-tag=1;from-tag=2"),
		rejects(Replaces, "a@b;to-tag=1;from-tag=2;From-tag=2"),
		rejects(Replaces, "a@b;to-tag;from-tag=2"),
		rejects(Replaces, `a@b;to-tag="x;y";from-tag=2`),
		rejects(Replaces, "a@b c;to-tag=1;from-tag=2"),
		rejects(Replaces, ";to-tag=1;from-tag=2"),
		rejects(Join, "a@b;local-tag=1;remote-tag=2"),
		rejects(TargetDialog, "a@b;to-tag=1;from-tag=2"),
	})
}

func TestTransferHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(ReferTo, "<sip:carol@cleveland.example.org;method=SUBSCRIBE>",
			Addr{URI: URI{Scheme: "sip", User: "carol", Host: "cleveland.example.org", Params: ";method=SUBSCRIBE"}}),
		reads(ReferTo, "sip:a@b;x=y", Addr{URI: URI{Scheme: "sip", User: "a", Host: "b"}, Params: ";x=y"}, "<sip:a@b>;x=y"),
		rejects(ReferTo, "sip:"),
		rejects(ReferTo, "*"),
		same(ReferredBy, `<sip:r@ref.example>;cid="2@r"`, Addr{URI: URI{Scheme: "sip", User: "r", Host: "ref.example"}, Params: `;cid="2@r"`}),
		same(ReferSub, "false", Item{Value: "false"}),
		rejects(ReferSub, "false true"),
	})
}

// TestAttendedTransfer: a Replaces travels in the URI of a Refer-To.
func TestAttendedTransfer(t *testing.T) {
	ref := DialogRef{CallID: "12345@192.168.118.3", Local: "12345", Remote: "5FFE-3994", EarlyOnly: true}
	m := withHeaders(t)
	dave := URI{Scheme: "sip", User: "dave", Host: "denver.example.org"}
	ReferTo.Set(m, Addr{URI: dave.WithHeader("Replaces", ref.String())})
	if got, _ := Named("Refer-To").Get(m); got !=
		"<sip:dave@denver.example.org?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345%3Bfrom-tag%3D5FFE-3994%3Bearly-only>" {
		t.Error(got)
	}
	to, err := ReferTo.Get(sent(t, m))
	if err != nil {
		t.Fatal(err)
	}
	text, ok := to.URI.Header("replaces")
	if got, err := ParseDialogRef(text); got != ref || !ok || err != nil {
		t.Error(got, ok, err)
	}
}
