namespace Titanic.Web.Training.Knn;

/// <summary>The rows at one point by outcome, in one machine word, so that they move with their distance in one step.</summary>
/// <param name="Word">Rows that died in the low 32 bits, rows that survived in the high ones.</param>
internal readonly record struct RowCounts(long Word)
{
    public static RowCounts Of(int negatives, int positives) => new((uint)negatives | (long)positives << 32);

    public int Negatives => (int)Word;
    public int Positives => (int)(Word >> 32);
    public int Rows => Negatives + Positives;

    /// <summary>Neither half overflows: a training set has at most 2^31 - 1 rows.</summary>
    public static RowCounts operator +(RowCounts a, RowCounts b) => new(a.Word + b.Word);
}
