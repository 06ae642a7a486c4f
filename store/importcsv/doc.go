// Package importcsv reads customers, what they have and did, and colleagues from CSV files into the store: which column is which field, what a cell
// may say, and what becomes of those that say something else. Each file is read as a stream, in batches; memory does not grow with it.
//
// A cell that is empty says nothing, and what is stored stays. An address that can't be used, or an attribute that is not of its type, is left
// out and the row taken without it; anything else that can't be read rejects the row. Both are written to FILE.rejected.csv with line, column
// and reason.
package importcsv
