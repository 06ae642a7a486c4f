package segment

// Names returns what an expression of this scope may begin with.
func (e *Env) Names() []string { return e.names() }
