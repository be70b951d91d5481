"""Write float32 point files: uniform, and Titanic-like (class, sex, age, fare scaled to 0..1, many repeats): generate_points.py FOLDER SIZE..."""
import sys
from pathlib import Path
import numpy as np

RNG = np.random.default_rng(1)
QUERIES = 100_000

def uniform(n):
    return RNG.random((n, 4), dtype=np.float32)

def titanic_like(n):
    pclass = RNG.choice([1, 2, 3], n, p=[.25, .21, .54])
    female = RNG.random(n) < np.where(pclass == 1, .45, np.where(pclass == 2, .38, .30))
    age = np.round(np.clip(RNG.normal(np.where(pclass == 1, 39, np.where(pclass == 2, 29.5, 25)), 13, n), 0.2, 80))
    fare = np.round(np.exp(RNG.normal(np.where(pclass == 1, 4.1, np.where(pclass == 2, 2.9, 2.3)), .6, n)), 2)
    columns = [(pclass - 1) / 2, female.astype(float), age / 80, np.clip(fare, 0, 512) / 512]
    return np.stack(columns, 1).astype(np.float32)

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, make in (("uniform", uniform), ("titanic", titanic_like)):
        for n in map(int, sys.argv[2:]):
            make(n).tofile(folder / f"{name}_{n}.f32")
        make(QUERIES).tofile(folder / f"{name}_queries.f32")
