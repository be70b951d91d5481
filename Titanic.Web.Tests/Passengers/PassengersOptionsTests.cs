using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class PassengersOptionsTests
{
    [Fact]
    public void Accepts_the_defaults() =>
        Assert.True(new PassengersOptionsValidator().Validate(null, new PassengersOptions()).Succeeded);

    [Fact]
    public void Returns_the_value_and_the_allowed_range_of_each_setting()
    {
        var result = new PassengersOptionsValidator().Validate(null, new PassengersOptions
        {
            MaximumFileSizeInBytes = 0,
            MaximumColumns = 6,
            MaximumRecordLengthInCharacters = 999,
            DownloadTimeOut = TimeSpan.Zero,
        });

        Assert.Equal(
            [
                "Passengers:MaximumFileSizeInBytes is 0; it must be between 1 and 1,099,511,627,776.",
                "Passengers:MaximumColumns is 6; it must be between 7 and 10,000.",
                "Passengers:MaximumRecordLengthInCharacters is 999; it must be between 1,000 and 16,777,216.",
                "Passengers:DownloadTimeOut is 00:00:00; it must be between 00:00:00.0010000 and 1.00:00:00.",
            ], result.Failures);
    }
}
