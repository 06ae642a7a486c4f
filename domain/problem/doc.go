// Package problem is how a mistake in a file that operations wrote is told to them: where it is, what is wrong, and what to
// write instead. Every reader of such files collects problems and goes on, so that one pass tells them all.
//
// It knows nothing of what the files mean; that is said by the packages that read them.
package problem
