package credential

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestCredentialHidesSecrets: no way of printing shows a secret.
func TestCredentialHidesSecrets(t *testing.T) {
	c := Digest{Realm: "r", Username: "alice", Password: "s3cret", HA1: map[Algorithm]string{MD5: "c0ffee"}, Domains: []string{"example.com"}}
	type account struct{ Credentials []Digest }
	var out strings.Builder
	for _, v := range []any{c, &c, account{[]Digest{c}}, &account{[]Digest{c}}, []*Digest{&c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		var text, js bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&js, nil)).Info("x", "v", v)
		out.Write(text.Bytes())
		out.Write(js.Bytes())
	}
	for _, secret := range []string{"s3cret", "c0ffee", "733363726574", "115, 51"} {
		if i := strings.Index(out.String(), secret); i >= 0 {
			t.Errorf("shown: …%s…", out.String()[max(0, i-80):min(out.Len(), i+20)])
		}
	}
	if got, want := c.String(), `"alice" in realm "r" for example.com (secret hidden)`; got != want {
		t.Errorf("String is %s, want %s", got, want)
	}
}

func TestCredentialFromJSON(t *testing.T) {
	var c Digest
	if err := json.Unmarshal([]byte(`{"Realm":"r","Username":"u","Password":"p","HA1":{"MD5":"x"}}`), &c); err != nil {
		t.Fatal(err)
	}
	if c.Realm != "r" || c.Username != "u" || c.Password != "p" || c.HA1[MD5] != "x" {
		t.Error("fields are lost")
	}
}
