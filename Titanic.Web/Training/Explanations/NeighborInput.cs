namespace Titanic.Web.Training.Explanations;

/// <summary>One of the different inputs whose training rows voted.</summary>
/// <param name="Point">Its encoded values.</param>
/// <param name="Died">Training rows that stand there and died.</param>
/// <param name="Survived">Training rows that stand there and survived.</param>
/// <param name="Distance">From what was asked, in standard deviations by the model's metric; 0 for an equal input.</param>
public sealed record NeighborInput(double[] Point, int Died, int Survived, double Distance)
{
    public int Rows => Died + Survived;
}
