using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Explanations;

/// <summary>A model's answer to an encoded point, by whichever way is quickest: a decision table or a search.</summary>
public delegate KnnAnswer AnswerTo(ReadOnlySpan<double> point);
