namespace Titanic.Web.Training;

/// <summary><paramref name="Rows"/> passengers that share one feature point and one outcome.</summary>
/// <param name="Point">One raw value per feature, in the order of the feature names.</param>
/// <param name="Rows">How many training rows this stands for, at least 1.</param>
public readonly record struct LabelledRow(double[] Point, bool Survived, int Rows = 1);
