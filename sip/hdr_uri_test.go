package sip

import "testing"

func TestURIHeaders(t *testing.T) {
	u, err := ParseURI("sip:a@b?Subject=Hello%20World&priority=urgent&empty=&bare&&=x")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for n, v := range u.AllHeaders() {
		all = append(all, n+"="+v)
	}
	if len(all) != 4 || all[0] != "Subject=Hello World" || all[1] != "priority=urgent" || all[2] != "empty=" || all[3] != "bare=" {
		t.Errorf("%q", all)
	}
	if v, ok := u.Header("PRIORITY"); v != "urgent" || !ok {
		t.Error(v, ok)
	}
	if v, ok := u.Header("none"); ok {
		t.Error(v)
	}
	got := URI{Scheme: "sip", Host: "b"}.WithHeader("a&b", "c=d&e?\r\n").WithHeader("x", "ü").String()
	if got != "sip:b?a%26b=c%3Dd%26e%3F%0D%0A&x=%C3%BC" {
		t.Error(got)
	}
}

func TestURIParam(t *testing.T) {
	u := URI{Scheme: "sip", Host: "b"}.WithParam("a", "x;y=\"z\" @?&/").WithParam("lr", "").WithParam("A", "1/2").WithParam("e", "\r\n")
	if got := u.String(); got != "sip:b;A=1%2F2;lr;e=%0D%0A" {
		t.Error(got)
	}
	u = u.WithParam("a", "x;y=\"z\" @?&/")
	again, err := ParseURI(u.String())
	if v, ok := again.Param("a"); v != "x;y=\"z\" @?&/" || !ok || err != nil || again.Host != "b" {
		t.Error(v, ok, err)
	}
	if v, ok := again.Param("LR"); v != "" || !ok {
		t.Error(v, ok)
	}
	if _, ok := again.Param("x"); ok {
		t.Error("found what is not there")
	}
}
