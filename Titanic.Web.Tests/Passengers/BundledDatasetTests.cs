using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class BundledDatasetTests
{
    [Fact]
    public async Task All_1309_rows_are_valid()
    {
        var list = await PassengerListResult.Of(new BundledDataset().ReadVerifiedBytes());

        Assert.Equal(1309, list.Accepted.Count);
        Assert.Empty(list.Rejected);
        Assert.Empty(list.IgnoredColumns);
        Assert.Equal(Enumerable.Range(2, 1309).Select(line => (long)line), list.Accepted.Select(row => row.Line));
    }

    [Fact]
    public void Has_the_known_counts_and_ranges()
    {
        var passengers = new BundledDataset().Passengers;

        Assert.Equal(1309, passengers.Count);
        Assert.Equal(500, passengers.Count(passenger => passenger.Survived == true));
        Assert.Equal(263, passengers.Count(passenger => passenger.AgeInYears is null));
        Assert.Equal("1226", Assert.Single(passengers, passenger => passenger.FareInPounds is null).SourceKey);
        Assert.Equal(0.1667, passengers.Min(passenger => passenger.AgeInYears));
        Assert.Equal(80, passengers.Max(passenger => passenger.AgeInYears));
        Assert.Equal(0, passengers.Min(passenger => passenger.FareInPounds));
        Assert.Equal(512.3292, passengers.Max(passenger => passenger.FareInPounds));
    }

    [Theory]
    [InlineData(1, Sex.Female, 139, 144)]
    [InlineData(1, Sex.Male, 61, 179)]
    [InlineData(2, Sex.Female, 94, 106)]
    [InlineData(2, Sex.Male, 25, 171)]
    [InlineData(3, Sex.Female, 106, 216)]
    [InlineData(3, Sex.Male, 75, 493)]
    public void Has_the_known_survivors_of_each_class_and_sex(int pclass, Sex sex, int survivors, int all)
    {
        var group = new BundledDataset().Passengers.Where(passenger => passenger.Pclass == pclass && passenger.Sex == sex).ToList();

        Assert.Equal((survivors, all), (group.Count(passenger => passenger.Survived == true), group.Count));
    }

    [Fact]
    public void Rejects_a_changed_file()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [.. new BundledDataset().ReadVerifiedBytes(), (byte)'\n']);
            var exception = Assert.Throws<PassengerFileException>(() => new BundledDataset(path).Passengers);
            Assert.Contains(BundledDataset.Sha256, exception.Message, StringComparison.Ordinal);
            Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Reports_the_path_of_a_missing_file()
    {
        var exception = Assert.Throws<PassengerFileException>(() => new BundledDataset("/nowhere/titanic.csv").ReadVerifiedBytes());

        Assert.Contains("missing at /nowhere/titanic.csv", exception.Message, StringComparison.Ordinal);
    }
}
