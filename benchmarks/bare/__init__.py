"""The least that Django can do with the same rows: what request_cost.py measures Winnow's pages against.

Served by the same processes with the same settings and middleware as Winnow itself; only the addresses under
/bare/ and one small template come on top.
"""
