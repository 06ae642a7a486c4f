// Package document reads YAML in which every value knows its place, so that whoever gives the values a meaning can say where a
// mistake is. It reads the plain part of YAML that operations need and refuses the rest: aliases, anchors, tags, merge keys,
// several documents, huge files and deep nesting.
//
// What the values mean belongs to the packages that call it.
package document
