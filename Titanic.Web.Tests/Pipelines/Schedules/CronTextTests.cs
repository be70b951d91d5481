using Titanic.Web.Pipelines.Schedules;

namespace Titanic.Web.Tests.Pipelines.Schedules;

public sealed class CronTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("5 0 * * *", "At 00:05, every day")]
    [InlineData("0 0,12 * * *", "At 00:00 and 12:00, every day")]
    [InlineData("0 6 * * MON-FRI", "At 06:00, on Monday to Friday")]
    [InlineData("30 14 * * 1", "At 14:30, on Monday")]
    [InlineData("0 3 * * 6,0", "At 03:00, on Saturday and Sunday")]
    [InlineData("* * * * *", "Every minute, every day")]
    [InlineData("*/15 8-17 * * *", "Every 15 minutes from 08:00 to 17:59, every day")]
    [InlineData("*/7 * * * *", "At the minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour, every day")]
    [InlineData("10-12 * * * *", "At the minutes 10 to 12 of every hour, every day")]
    [InlineData("5 * * * *", "At minute 5 of every hour, every day")]
    [InlineData("0 */2 * * *", "At minute 0 of the hours 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 22, every day")]
    [InlineData("0 0 1,15 * *", "At 00:00, on the days 1 and 15 of the month")]
    [InlineData("0 0 29 2 *", "At 00:00, on day 29 of the month, in February")]
    [InlineData("0 0 L * *", "At 00:00, on the last day of the month")]
    [InlineData("0 0 L-2 * *", "At 00:00, on the day 2 days before the last day of the month")]
    [InlineData("0 0 LW * *", "At 00:00, on the weekday nearest to the last day of the month")]
    [InlineData("0 0 15W * ?", "At 00:00, on the weekday nearest to day 15 of the month")]
    [InlineData("0 0 * * 5L", "At 00:00, on the last Friday of the month")]
    [InlineData("0 0 * * MON#2", "At 00:00, on the second Monday of the month")]
    [InlineData("0 0 13 * FRI", "At 00:00, on day 13 of the month if it falls on Friday")]
    [InlineData("0 0 * 6-8 *", "At 00:00, every day, in June to August")]
    public void Describes_an_expression(string cron, string text)
    {
        Assert.Null(CronText.FindError(cron, Now));
        Assert.Equal(text, CronText.Describe(cron));
    }

    [Theory]
    [InlineData(null, "The cron expression is missing; it must be a cron expression of five fields in UTC")]
    [InlineData("  ", "The cron expression is empty; it must be ")]
    [InlineData("every night", "The cron expression is \"every night\"; it must be ")]
    [InlineData("@daily", "The cron expression is \"@daily\"; it must be ")]
    [InlineData("0 5 0 * * *", "The cron expression is \"0 5 0 * * *\"; it must be ")]
    [InlineData("61 0 * * *", "The cron expression is \"61 0 * * *\"; it must be ")]
    [InlineData("H 0 * * *", "The cron expression is \"H 0 * * *\"; it must be ")]
    [InlineData("0 0 30 2 *", "The cron expression is \"0 0 30 2 *\"; it must be one that has an occurrence")]
    public void Rejects_an_expression_with_what_was_seen_and_what_is_allowed(string? cron, string error) =>
        Assert.StartsWith(error, CronText.FindError(cron, Now), StringComparison.Ordinal);

    /// <summary>Of an expression that has five fields, the field that is wrong, too.</summary>
    [Fact]
    public void Names_the_field_that_is_wrong() =>
        Assert.Matches("such as \"5 0 \\* \\* \\*\"\\. .*inutes", CronText.FindError("61 0 * * *", Now));
}
