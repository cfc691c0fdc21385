"""What a circuit looks like to the learned predictor: a vector of named numbers, from the circuit alone.

`FEATURES` is the order of the columns. Everything is deterministic and cheap, nothing is sampled, and every circuit
that the readers give has a value or NaN in each column.
"""
