package main

// How text stands out on a terminal that knows colors: the codes of ECMA-48.
const (
	bold  = "1"
	red   = "31"
	green = "32"
	cyan  = "36"
)

// paint writes text in a color, or in bold.
func paint(color, text string) string { return "\x1b[" + color + "m" + text + "\x1b[0m" }
