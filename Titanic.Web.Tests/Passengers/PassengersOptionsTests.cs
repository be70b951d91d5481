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
                "Passengers:MaximumFileSizeInBytes is 0; it must be from 1 to 1099511627776.",
                "Passengers:MaximumColumns is 6; it must be from 7 to 10000.",
                "Passengers:MaximumRecordLengthInCharacters is 999; it must be from 1000 to 16777216.",
                "Passengers:DownloadTimeOut is 00:00:00; it must be longer than 00:00:00 and at most 1.00:00:00.",
            ], result.Failures);
    }
}
