namespace Titanic.Web.Training.Knn;

/// <summary>"13 of 14 neighbours survived."</summary>
/// <param name="Survived">True only if more than half of the (weighted) votes are for survival: a tie is not survived.</param>
/// <param name="Probability">(s+1)/(n+2); with distance weights s is the weighted share times n.</param>
/// <param name="Survivors">Rows among the voters that survived.</param>
/// <param name="Neighbors">Rows that voted: at least k, more where rows tie at the k-th distance.</param>
public readonly record struct KnnAnswer(bool Survived, double Probability, int Survivors, int Neighbors);
