"""Measurement: pure functions on arrays.

No file, frame, clock or console here. Shapes use N respondents, J items, P distinct response patterns,
Q quadrature nodes. Every model is on the logistic metric without the constant 1.7:
P(x = 1 | theta) = 1 / (1 + exp(-a (theta - b))).
"""
