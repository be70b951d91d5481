using Titanic.Web.Pages.Shared;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Pages.Shared;

public sealed class ConfusionTableTests
{
    [Fact]
    public void Returns_each_cell_by_actual_and_predicted_label()
    {
        // 719 of 809 victims were predicted died; 330 of 500 survivors were predicted survived.
        var table = ConfusionTable.Of("All rows", new ConfusionMatrix(TrueNegatives: 719, FalsePositives: 90, FalseNegatives: 170, TruePositives: 330));

        Assert.Equal(719, table[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Died]);
        Assert.Equal(90, table[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Survived]);
        Assert.Equal(170, table[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Died]);
        Assert.Equal(330, table[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Survived]);
        Assert.Equal(1049.0 / 1309, table.Accuracy!.Value, 12);
    }

    [Fact]
    public void Accuracy_is_null_without_rows() => Assert.Null(new ConfusionTable("None", 0, 0, 0, 0).Accuracy);
}
