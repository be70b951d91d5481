using System.Globalization;
using FsCheck;
using FsCheck.Xunit;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class PlainNumberTests
{
    [Fact]
    public void Rejects_trailing_NUL_characters_that_the_NET_parser_accepts()
    {
        Assert.True(double.TryParse("5\0\0", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _));

        Assert.False(PlainNumber.TryParseDecimal("5\0\0", out _));
        Assert.False(PlainNumber.TryParseInteger("5\0\0", out _));
    }

    [Fact]
    public void Parses_a_number_too_large_for_a_double_as_infinity()
    {
        Assert.True(PlainNumber.TryParseDecimal(new string('9', 400), out var value));
        Assert.Equal(double.PositiveInfinity, value);
    }

    [Property]
    public void Round_trips_every_decimal_exactly(ulong thousandths)
    {
        var text = ((decimal)thousandths / 1000).ToString(CultureInfo.InvariantCulture);

        Assert.True(PlainNumber.TryParseDecimal(text, out var value));
        Assert.Equal(double.Parse(text, CultureInfo.InvariantCulture), value);
    }

    [Property]
    public void Round_trips_every_integer(NonNegativeInt number)
    {
        Assert.True(PlainNumber.TryParseInteger(number.Get.ToString(CultureInfo.InvariantCulture), out var value));
        Assert.Equal(number.Get, value);
    }
}
