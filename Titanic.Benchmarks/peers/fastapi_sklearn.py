"""A typical Python server for the same predictions: FastAPI, pydantic and scikit-learn, without logging.

TITANIC_CSV=titanic.csv uvicorn fastapi_sklearn:app --loop uvloop --http httptools --no-access-log
"""
import csv
import os

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

AGES = [12, 18, 35, 60]
FARES = [10, 25, 50, 75, 100, 125, 150, 200, 250, 300]
MEDIAN_FARE = 14.4542


def encode(pclass, sex, age, fare):
    age_group = 0 if age is None else 1 + int(np.searchsorted(AGES, age))
    fare_band = int(np.searchsorted(FARES, MEDIAN_FARE if fare is None else fare))
    return [pclass, int(sex == "female"), age_group, fare_band]


def train(path):
    number = lambda text: float(text) if text else None
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    points = [encode(int(row["Pclass"]), row["Sex"], number(row["Age"]), number(row["Fare"])) for row in rows]
    survived = [int(row["Survived"]) for row in rows]
    return make_pipeline(StandardScaler(), KNeighborsClassifier(7, p=1)).fit(np.array(points), np.array(survived))


class Passenger(BaseModel):
    pclass: int
    sex: str
    age: float | None = None
    fare: float | None = None


model = train(os.environ["TITANIC_CSV"])
app = FastAPI()


@app.get("/health/ready")
async def ready():
    return {}


@app.post("/api/predictions")
async def predict(passenger: Passenger):
    point = encode(passenger.pclass, passenger.sex, passenger.age, passenger.fare)
    probability = float(model.predict_proba([point])[0, 1])
    return {"survived": probability > 0.5, "probability": probability}
