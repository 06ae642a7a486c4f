// Command worker is the process that runs journeys and makes touches. It is configured by the environment alone; see docs/configuration.md.
package main
