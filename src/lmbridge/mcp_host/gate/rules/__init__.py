"""The rules that the decision is made of: each looks at one side of a call, and says free, a note, or that somebody is to be asked."""
