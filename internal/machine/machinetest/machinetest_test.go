package machinetest

import "testing"

func TestMarkdown(t *testing.T) {
	got := Table{
		Name:   "Lamp",
		About:  "It has a switch.",
		States: []string{"Off", "On"},
		Inputs: []string{"press", "burn out", "wait"},
		Step: func(state, input string) Cell {
			switch {
			case input == "wait":
				return Cell{Next: state}
			case state == "Off" && input == "press":
				return Cell{Next: "On", Actions: "shine"}
			case state == "Off":
				return Cell{Not: true}
			case input == "burn out":
				return Cell{Actions: "smoke"}
			}
			return Cell{Next: "Off"}
		},
	}.Markdown()
	want := `## Lamp

It has a switch.

| state   | press      | burn out | wait |
| ------- | ---------- | -------- | ---- |
| **Off** | shine → On |          | –    |
| **On**  | → Off      | smoke    | –    |
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
