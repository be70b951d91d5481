"""Writes scikit_learn_cases.json to this directory: predictions with outcomes, and scikit-learn's metrics of them.

Requires Python 3 with scikit-learn 1.2 (Debian 12: apt-get install python3-sklearn). The numbers are stored in the repository, so the
tests require neither. Two values differ from scikit-learn:
* Precision without a positive prediction is 0 in scikit-learn (with a warning); here it is null, as in the product.
* The calibration error is computed from scikit-learn's calibration_curve and the number of rows in each bin.
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

random = np.random.RandomState(1912)


def some(rows, share=0.4):
    """Random outcomes of both classes."""
    actual = (random.random_sample(rows) < share).astype(int)
    actual[:2] = 0, 1
    return actual


def laplace(rows):
    """Probabilities as of the K-NN: (s + 1) / (n + 2) for s survivors of n neighbors."""
    neighbors = random.randint(7, 40, rows)
    return (random.binomial(neighbors, 0.4) + 1) / (neighbors + 2)


def spread(actual, noise=0.35):
    """Probabilities that correlate with the outcome."""
    return np.clip(0.25 + 0.5 * actual + noise * random.standard_normal(len(actual)), 0, 1)


def cases():
    yield "four rows by hand", np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]), None
    actual = some(40)
    yield "continuous", random.random_sample(40), actual, None
    yield "better than chance", spread(actual), actual, None
    yield "ties on a grid, on the edges of bins", random.randint(0, 11, 50) / 10, some(50), None
    yield "extreme probabilities", np.array([0, 0, 1, 1, 1e-17, 1e-300, 1 - 1.2e-16, 0.5, 1e-9, 1 - 1e-9]), np.array([0, 1, 0, 1, 1, 0, 0, 1, 1, 0]), None
    rare = np.zeros(60, int)
    rare[17] = 1
    yield "one survivor", random.random_sample(60), rare, None
    yield "one victim", random.random_sample(60), 1 - rare, None
    yield "weights", random.random_sample(30), some(30), random.randint(1, 10, 30)
    yield "weights and ties", random.randint(0, 5, 30) / 4, some(30), random.randint(1, 10, 30)
    yield "constant prediction", np.full(20, 0.38), some(20), None
    yield "separated classes", np.linspace(0.02, 0.98, 24), (np.arange(24) >= 13).astype(int), None
    yield "always wrong", np.linspace(0.98, 0.02, 24), (np.arange(24) >= 13).astype(int), None
    yield "no positive prediction", 0.49 * random.random_sample(20), some(20), None
    yield "K-NN probabilities", laplace(60), some(60), random.randint(1, 30, 60)
    actual = some(80)
    yield "a hundred thousand rows", np.round(spread(actual), 2), actual, random.randint(1, 2_500, 80)


def expected(probability, actual, rows):
    predicted = (probability > 0.5).astype(int)
    weighted = {"sample_weight": rows}
    (true_negatives, false_positives), (false_negatives, true_positives) = metrics.confusion_matrix(actual, predicted, **weighted).tolist()
    false_rate, true_rate, thresholds = metrics.roc_curve(actual, probability, drop_intermediate=False, **weighted)
    precision, recall, limits = metrics.precision_recall_curve(actual, probability, **weighted)
    # calibration_curve has no sample weights, so rows are repeated.
    every_probability, every_actual = np.repeat(probability, rows), np.repeat(actual, rows)
    observed, mean_predicted = calibration_curve(every_actual, every_probability, n_bins=10)
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], every_probability)
    in_bin = np.bincount(bins, minlength=10)
    return {
        "confusion": [true_negatives, false_positives, false_negatives, true_positives],
        "accuracy": metrics.accuracy_score(actual, predicted, **weighted),
        "balancedAccuracy": metrics.balanced_accuracy_score(actual, predicted, **weighted),
        "precision": metrics.precision_score(actual, predicted, **weighted) if predicted.any() else None,
        "recall": metrics.recall_score(actual, predicted, **weighted),
        "f1": metrics.f1_score(actual, predicted, **weighted),
        "rocAuc": metrics.roc_auc_score(actual, probability, **weighted),
        "averagePrecision": metrics.average_precision_score(actual, probability, **weighted),
        "logLoss": metrics.log_loss(actual, probability, labels=[0, 1], **weighted),
        "brier": metrics.brier_score_loss(actual, probability, **weighted),
        "calibrationError": float(np.sum(np.abs(observed - mean_predicted) * in_bin[in_bin > 0]) / in_bin.sum()),
        # scikit-learn's first threshold exceeds every probability; thresholds are in descending order.
        "roc": [[x, y, t] for x, y, t in zip(false_rate.tolist(), true_rate.tolist(), [None, *thresholds[1:].tolist()])],
        # Without the point (0, 1) that scikit-learn adds; in descending order of thresholds.
        "precisionRecall": [[x, y, t] for x, y, t in zip(recall[-2::-1].tolist(), precision[-2::-1].tolist(), limits[::-1].tolist())],
        "calibration": [
            [int(number), int(in_bin[number]), mean, share]
            for number, mean, share in zip(np.flatnonzero(in_bin), mean_predicted.tolist(), observed.tolist())
        ],
    }


written = []
for name, probability, actual, rows in cases():
    rows = np.ones(len(actual), int) if rows is None else rows
    answers = [[p, int(a), int(n)] for p, a, n in zip(probability.tolist(), actual, rows)]
    written.append({"name": name, "answers": answers, "expected": expected(probability, actual, rows)})
lines = ",\n".join(json.dumps(case) for case in written)
Path(__file__).with_suffix(".json").write_text(f'{{"scikitLearn": "{sklearn.__version__}", "cases": [\n{lines}\n]}}\n')
