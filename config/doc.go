// Package config is the product's configuration: one struct, read from the environment, with defaults that work on one
// machine. docs/configuration.md lists it for operators.
//
// Here belongs what an installation decides. What a journey, the contact policy or a command's flag decides does not.
package config
