// Devserver is Temporal for one machine: the whole server with SQLite and its UI in one process, bound to loopback only.
//
// Here belongs what a developer's machine and a demo need of a Temporal server. What a cluster runs belongs to the Helm
// chart; nothing of Perennial's own logic belongs here. The folder is a module of its own, so that the product does not
// depend on the server's hundreds of modules.
package main
