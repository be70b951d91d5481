using Titanic.Web.Pages.Shared;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Pages.Shared;

public sealed class ConfusionTableTests
{
    [Fact]
    public void Finds_every_cell_by_what_happened_and_what_was_predicted()
    {
        // Of 809 victims 719 were predicted to die; of 500 survivors 330 were predicted to survive.
        var table = ConfusionTable.Of("All rows", new ConfusionMatrix(TrueNegatives: 719, FalsePositives: 90, FalseNegatives: 170, TruePositives: 330));

        Assert.Equal(719, table[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Died]);
        Assert.Equal(90, table[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Survived]);
        Assert.Equal(170, table[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Died]);
        Assert.Equal(330, table[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Survived]);
        Assert.Equal(1049.0 / 1309, table.Accuracy!.Value, 12);
    }

    [Fact]
    public void Has_no_accuracy_without_rows() => Assert.Null(new ConfusionTable("None", 0, 0, 0, 0).Accuracy);
}
