package document

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"perennial/domain/problem"
)

// reader turns the library's tree into values.
type reader struct {
	file     string
	lines    []string
	problems *problem.List
}

func (r *reader) value(n ast.Node) *Value {
	place := r.place(n)
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.mapping(n.Values, place)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, place)
	case *ast.SequenceNode:
		list := &Value{Kind: Sequence, Place: place}
		for _, item := range n.Values {
			list.Items = append(list.Items, r.value(item))
		}
		return list
	case *ast.LiteralNode:
		return r.block(n, place)
	case *ast.StringNode:
		return r.scalar(n, place)
	case *ast.NullNode, nil:
		return &Value{Kind: Nothing, Place: place}
	case ast.ScalarNode:
		return &Value{Kind: Scalar, Place: place, Text: n.GetToken().Value}
	}
	r.problems.Add(place, "this form of YAML is not allowed here", "write plain keys, values and lists")
	return &Value{Kind: Nothing, Place: place}
}

func (r *reader) mapping(nodes []*ast.MappingValueNode, place problem.Place) *Value {
	m := &Value{Kind: Mapping, Place: place}
	if len(nodes) > 0 {
		m.Place = r.place(nodes[0].Key)
	}
	seen := map[string]int{} // the line of each key
	for _, node := range nodes {
		key := r.place(node.Key)
		name := r.value(node.Key)
		if name.Kind != Scalar {
			r.problems.Add(key, "a key must be a single word", "")
			continue
		}
		if line, twice := seen[name.Text]; twice {
			r.problems.Add(key, fmt.Sprintf("%s is given twice", name.Text), fmt.Sprintf("line %d has it already: keep one", line))
			continue
		}
		seen[name.Text] = key.Line
		value := r.value(node.Value)
		if value.Kind == Nothing {
			value.Place = key
		}
		m.Fields = append(m.Fields, Field{Key: name.Text, Place: key, Value: value})
	}
	return m
}

func (r *reader) scalar(n *ast.StringNode, place problem.Place) *Value {
	v := &Value{Kind: Scalar, Place: place, Text: n.Value, layout: folded}
	switch written := from(r.lines, place); {
	case strings.HasPrefix(written, n.Value):
		v.layout = plain
	case len(written) > 0 && (written[0] == '"' || written[0] == '\'') && strings.HasPrefix(written[1:], n.Value):
		v.layout = quoted
	}
	return v
}

// block reads a scalar written below a "|" or ">".
func (r *reader) block(n *ast.LiteralNode, place problem.Place) *Value {
	v := &Value{Kind: Scalar, Place: place, Text: n.Value.Value, layout: folded}
	if !strings.HasPrefix(n.Start.Value, "|") || place.Line >= len(r.lines) {
		return v
	}
	first := r.lines[place.Line]
	v.layout, v.indent = literal, len(first)-len(strings.TrimLeft(first, " "))
	return v
}

// from returns the rest of the line at a place.
func from(lines []string, place problem.Place) string {
	if place.Line < 1 || place.Line > len(lines) {
		return ""
	}
	line := lines[place.Line-1]
	return line[len(firstCharacters(line, place.Column-1)):]
}

func (r *reader) place(n ast.Node) problem.Place {
	place := problem.Place{File: r.file, Line: 1, Column: 1}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return place
	}
	at := n.GetToken().Position
	place.Line, place.Column = at.Line, at.Column
	return place
}
