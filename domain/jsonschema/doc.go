// Package jsonschema writes JSON Schema (draft 2020-12) of the files that operations write, by which editors complete words, show what they mean and
// underline mistakes while one types. It uses only what older drafts say in the same words, since not every editor knows the newest.
//
// What the files hold belongs to the packages that read them; a schema tells their form, and a check tells the rest.
package jsonschema
