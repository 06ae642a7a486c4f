// Package importcsv reads customers, purchases and colleagues from CSV files into the store: which column is which field, what a cell may say, and
// what becomes of those that say something else. Each file is read as a stream, in batches; memory does not grow with it.
//
// A cell that is empty says nothing, and what is stored stays. An address that can't be used is left out and the customer taken
// without it; anything else that can't be read rejects the row. Both are written to FILE.rejected.csv with line, column and reason.
package importcsv
