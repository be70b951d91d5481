using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Hosting;

internal static partial class Verbs
{
    /// <summary>Makes every check, those that read all rows of training datasets included.</summary>
    public static Task<int> VerifyPrediction(WebApplication app, long id, CancellationToken cancellation) =>
        WithDatabase(app, async services =>
        {
            if (await services.GetRequiredService<ReceiptVerifier>().Verify(id, readsDatasets: true, cancellation) is not { } verification)
            {
                await Console.Error.WriteLineAsync($"There is no prediction {id}.");
                return 1;
            }
            foreach (var check in verification.Checks)
                Console.WriteLine($"{(check.Result == CheckResult.NotMade ? "not made" : check.Result.ToString().ToLowerInvariant())} {check.Name}: {check.Sentence}");
            Console.WriteLine(verification.Verdict);
            return verification.IsSound ? 0 : 1;
        }, cancellation);
}
