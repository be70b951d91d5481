using System.Globalization;
using FsCheck;
using FsCheck.Xunit;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class PlainNumberTests
{
    [Fact]
    public void Trailing_NULs_which_NET_forgives_are_refused()
    {
        Assert.True(double.TryParse("5\0\0", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _));

        Assert.False(PlainNumber.TryReadDecimal("5\0\0", out _));
        Assert.False(PlainNumber.TryReadInteger("5\0\0", out _));
    }

    [Fact]
    public void A_number_too_large_for_a_double_is_out_of_every_range()
    {
        Assert.True(PlainNumber.TryReadDecimal(new string('9', 400), out var value));
        Assert.Equal(double.PositiveInfinity, value);
    }

    [Property]
    public void Reads_back_every_decimal_to_the_last_bit(ulong thousandths)
    {
        var written = ((decimal)thousandths / 1000).ToString(CultureInfo.InvariantCulture);

        Assert.True(PlainNumber.TryReadDecimal(written, out var value));
        Assert.Equal(double.Parse(written, CultureInfo.InvariantCulture), value);
    }

    [Property]
    public void Reads_back_every_whole_number(NonNegativeInt number)
    {
        Assert.True(PlainNumber.TryReadInteger(number.Get.ToString(CultureInfo.InvariantCulture), out var value));
        Assert.Equal(number.Get, value);
    }
}
