using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Selection;

/// <summary>
/// The search as a learner of its own: it chooses on the rows that it is given, and fits the chosen candidate on them. Measured by an
/// outer cross-validation it tells what the whole procedure reaches, on rows that had no part in any choice; the chosen candidate's own
/// cross-validation is too good by as much as choosing has helped it.
/// </summary>
/// <param name="candidates">The configured one first.</param>
/// <param name="views">How the points hold the candidates' views.</param>
/// <param name="options">The inner folds.</param>
/// <param name="chose">Is told each choice.</param>
public sealed class SelectingLearner(
    IReadOnlyList<Candidate> candidates, SideBySide views, CrossValidationOptions options, Action<Candidate> chose) : ILearner
{
    public string Name => "knn, settings chosen anew in each fold";

    public IClassifier Fit(LabelledPoints training)
    {
        var chosen = OneStandardErrorRule.Choose(CandidateSearch.Run(candidates, training, views, options)).Chosen;
        chose(chosen);
        return views.In(chosen.View.Schema).Through(chosen.Trainer).Fit(training);
    }
}
