package sip

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var updateHeaders = flag.Bool("update", false, "write docs/headers.md anew")

// required is every header name that RFC 3261 and the extensions of user agents
// define.
var required = strings.Fields(`
	Accept Accept-Encoding Accept-Language Alert-Info Allow Authentication-Info
	Authorization Call-ID Call-Info Contact Content-Disposition Content-Encoding
	Content-Language Content-Length Content-Type CSeq Date Error-Info Expires
	From In-Reply-To Max-Forwards MIME-Version Min-Expires Organization Priority
	Proxy-Authenticate Proxy-Authorization Proxy-Require Record-Route Reply-To
	Require Retry-After Route Server Subject Supported Timestamp To Unsupported
	User-Agent Via Warning WWW-Authenticate

	RSeq RAck Event Subscription-State Allow-Events Privacy P-Asserted-Identity
	P-Preferred-Identity Reason Path Refer-To Service-Route Accept-Contact
	Reject-Contact Request-Disposition Replaces Referred-By SIP-ETag SIP-If-Match
	Join Session-Expires Min-SE Resource-Priority Accept-Resource-Priority
	Refer-Sub Target-Dialog Answer-Mode Priv-Answer-Mode P-DCS-Trace-Party-ID
	P-DCS-OSPS P-DCS-Billing-Info P-DCS-LAES P-DCS-Redirect Flow-Timer
	Info-Package Recv-Info History-Info User-to-User Session-ID Identity
	Feature-Caps Diversion P-Access-Network-Info P-Charging-Vector
	P-Charging-Function-Addresses P-Called-Party-ID P-Associated-URI
	P-Visited-Network-ID P-Early-Media Geolocation Geolocation-Routing
	Geolocation-Error Max-Breadth Identity-Info Suppress-If-Match
	Security-Client Security-Server Security-Verify`)

// compact is every compact form that is registered for a header.
var compact = map[string]string{
	"a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition",
	"e": "Content-Encoding", "f": "From", "i": "Call-ID", "j": "Reject-Contact", "k": "Supported",
	"l": "Content-Length", "m": "Contact", "n": "Identity-Info", "o": "Event", "r": "Refer-To",
	"s": "Subject", "t": "To", "u": "Allow-Events", "v": "Via", "x": "Session-Expires", "y": "Identity",
}

// TestEveryHeaderHasADescriptor holds the descriptors against the RFCs and
// against the table of names.
func TestEveryHeaderHasADescriptor(t *testing.T) {
	have := map[string]bool{}
	for _, p := range allHeaders() {
		if have[p.name] {
			t.Errorf("%s is there twice", p.name)
		}
		have[p.name] = true
		if lookupHeader(p.name) == hidNone {
			t.Errorf("%s is missing in the table of names", p.name)
		}
	}
	for _, name := range required {
		if !have[name] {
			t.Errorf("no descriptor for %s", name)
		}
	}
	for id, name := range headerName {
		if name != "" && !have[name] {
			t.Errorf("no descriptor for number %d, %s", id, name)
		}
	}
}

// TestDescriptorsByCompactForm reads every header that has a compact form by it.
func TestDescriptorsByCompactForm(t *testing.T) {
	seen := 0
	for _, p := range allHeaders() {
		for short, full := range compact {
			if full != p.name {
				continue
			}
			seen++
			for _, name := range []string{short, strings.ToUpper(short)} {
				m := withHeaders(t, name+" : "+p.samples[0])
				if v, err := p.get(m); err != nil {
					t.Errorf("%s by %s: %v, %v", full, name, v, err)
				}
			}
		}
	}
	if seen != len(compact) {
		t.Errorf("%d of %d compact forms have a descriptor", seen, len(compact))
	}
}

// A declared is a descriptor as the source has it.
type declared struct{ goName, header, rfc string }

var rfcRef = regexp.MustCompile(`RFC \d+(\s§[\d.]*\d)?`)

// sourceDescriptors finds every package variable made by NewHeader.
func sourceDescriptors(t *testing.T) []declared {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []declared
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(token.NewFileSet(), file, nil, goparser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, s := range gen.Specs {
				if d, ok := descriptor(s.(*ast.ValueSpec)); ok {
					found = append(found, d)
				}
			}
		}
	}
	return found
}

func descriptor(s *ast.ValueSpec) (declared, bool) {
	if len(s.Values) != 1 {
		return declared{}, false
	}
	call, ok := s.Values[0].(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return declared{}, false
	}
	lit, ok := call.Args[0].(*ast.BasicLit)
	if fn, is := call.Fun.(*ast.Ident); !ok || !is || fn.Name != "NewHeader" {
		return declared{}, false
	}
	header, _ := strconv.Unquote(lit.Value)
	refs := rfcRef.FindAllString(s.Comment.Text(), -1)
	if refs == nil {
		refs = rfcRef.FindAllString(s.Doc.Text(), -1)
	}
	return declared{goName: s.Names[0].Name, header: header, rfc: strings.ReplaceAll(strings.Join(refs, ", "), "\n", " ")}, true
}

func TestEveryDescriptorIsProbed(t *testing.T) {
	probed := map[string]bool{}
	for _, p := range allHeaders() {
		probed[p.name] = true
		if len(p.samples) != 2 {
			t.Errorf("%s has %d samples, not 2", p.name, len(p.samples))
		}
	}
	for _, d := range sourceDescriptors(t) {
		if !probed[d.header] {
			t.Errorf("%s (%s) is missing in allHeaders", d.goName, d.header)
		}
		if d.rfc == "" {
			t.Errorf("%s names no RFC", d.goName)
		}
	}
}

const headersHead = `# Headers

Every header that package ` + "`sip`" + ` knows by a type, found by its full name or its
compact form, in any case. Values are read with ` + "`Get`, `All` and `Values`" + `, and
written with ` + "`Set`, `Add`, `Prepend` and `Remove`" + `: ` + "`sip.Expires.Get(msg)`" + `. A list
may stand on one line, parted by commas, or on several. Other headers are reached
with ` + "`sip.Named(name)`" + ` as text, or with a descriptor made by ` + "`sip.NewHeader`" + `.

This page is written by ` + "`go test ./sip -run TestHeadersPage -update`" + `.

| header | compact | defined in | descriptor | value type | list |
|---|---|---|---|---|---|
`

// TestHeadersPage holds docs/headers.md against the code.
func TestHeadersPage(t *testing.T) {
	byName := map[string]declared{}
	for _, d := range sourceDescriptors(t) {
		byName[d.header] = d
	}
	probes := allHeaders()
	slices.SortFunc(probes, func(a, b probe) int {
		return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
	})
	var page bytes.Buffer
	page.WriteString(headersHead)
	for _, p := range probes {
		short := ""
		for c, full := range compact {
			if full == p.name {
				short = "`" + c + "`"
			}
		}
		list := ""
		if p.list {
			list = "yes"
		}
		d := byName[p.name]
		fmt.Fprintf(&page, "| %s | %s | %s | `sip.%s` | `%s` | %s |\n", p.name, short, d.rfc, d.goName, p.typ, list)
	}
	golden := filepath.Join("..", "docs", "headers.md")
	if *updateHeaders {
		if err := os.WriteFile(golden, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page.Bytes(), want) {
		t.Errorf("%s is out of date; run this test with -update", golden)
	}
}
