namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// The two classes, named in this one place: every confusion matrix is read by these names, so that no page can swap an axis.
/// </summary>
public enum SurvivalLabel
{
    /// <summary>The negative class.</summary>
    Died = 0,

    /// <summary>The positive class.</summary>
    Survived = 1,
}
