// Package rules checks with Prometheus' own parser what deploy/ holds for Prometheus and Grafana. It has nothing but tests, and is a module of its
// own so that Prometheus does not become part of the product's. Whether each metric named there exists is checked beside the worker,
// which exposes them.
package rules
