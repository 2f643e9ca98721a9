"""The scoring core: how initiatives are valued, ranked, checked and chosen.

Pure functions on numpy arrays. Nothing here reads a database, a clock or a file, so every figure that a
city publishes can be computed again from its inputs:

    from prioritisation.scoring import ranking, values

    worth = values.value([[3, 5], [4, 2]], worst=0, best=5)
    result = ranking.weighted_mean(worth, values.swing_weights([100, 50]))
    ranking.competition_rank(result.utility)

Modules:

    values       scores and figures to a value between 0 and 1; weights from swing points
    ranking      weighted mean with coverage and bounds, competition ranks, largest remainder
    gates        minimum per criterion and in total
    severity     strict and mild assessors: variance components and adjusted scores
    agreement    how far assessors agree: alpha, W, intraclass correlation
    robustness   how far ranks depend on the weights and on the noise of assessors
    portfolio    the best selection under budgets and mix rules, with an honest status
    enumeration  its core: every selection that can still be the best, looked at one by one
    ties, flips  all selections of some worth; what turning one initiative round costs at least
    assignment   who assesses what
    voting       equal shares: what residents' votes would buy

Conventions that hold in all of them:

* A missing score is nan, and nan is never taken for zero. Infinite scores are refused with ValueError.
* Weights need not sum to 1; negative, missing or all-zero weights are refused with ValueError.
* What is compared (utilities, gates, scores on a list) is first rounded to nine digits, so that equal
  inputs give equal ranks whatever the order of summation. The fast draws for many initiatives work in
  single precision and use a tolerance that fits it.
* Random numbers come from the raw PCG64 stream of a seed (see `draws`).
"""
