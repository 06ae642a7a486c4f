// Package document reads YAML in which every value knows its place, so that whoever gives the values a meaning can say where a
// mistake is. It reads the plain part of YAML that operations need and refuses the rest: aliases, anchors, tags, merge keys,
// several documents, what is not UTF-8 text.
//
// Whatever a file holds, reading it ends soon and in little memory: a file is at most 1 MB, a line 10,000 characters; it has at most 10,000 keys
// and 10,000 items of lists; brackets nest 32 deep, indentation goes to column 200. Pipes, devices and folders are not read. Over that it says so,
// with its place.
//
// What the values mean belongs to the packages that call it.
package document
