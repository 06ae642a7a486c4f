// Package browsertest opens pages in a real Chromium, for the tests of the pages that people read: is everything seen, reached by the keyboard alone,
// and told from its ground? It knows no page in particular. Where there is no Chromium, its tests are skipped and say so.
package browsertest
