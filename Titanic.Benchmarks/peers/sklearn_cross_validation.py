"""Times one repeat of scikit-learn's stratified 5-fold cross-validation: sklearn_cross_validation.py FILE ROWS

FILE holds five bytes per row: class, sex, age group, fare band, survived; the first ROWS rows are used. Prints seconds and accuracy.
The learner is scikit-learn's closest equivalent of the product's: standardized, seven neighbors, Manhattan distance; on all cores.
"""
import sys
import time

import numpy as np
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rows = np.fromfile(sys.argv[1], dtype=np.uint8).reshape(-1, 5)[:int(sys.argv[2])]
points, survived = rows[:, :4].astype(float), rows[:, 4]
model = make_pipeline(StandardScaler(), KNeighborsClassifier(7, p=1))


def validate(count):
    start = time.perf_counter()
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=1, random_state=1912)
    accuracy = cross_val_score(model, points[:count], survived[:count], cv=folds, n_jobs=-1).mean()
    return time.perf_counter() - start, accuracy


validate(1_000)  # warm-up: imports and worker processes
print("seconds %.6f accuracy %.6f" % validate(len(points)))
