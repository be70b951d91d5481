using System.CommandLine;
using System.Globalization;

namespace Titanic.Web.Hosting;

public sealed partial class CommandLine
{
    private Command VerifyPrediction()
    {
        var id = new Argument<long>("id") { Description = "The number of the prediction, as on its receipt." };
        id.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && long.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) && number < 1)
                result.AddError($"The prediction is {number}; it must be 1 or more.");
        });
        var verify = new Command("verify-prediction", "Prove a stored answer: bytes, encoding, answer, rows and digests, a line each; exit code 0 only if all of it is sound.") { id };
        verify.SetAction((parsed, cancellation) => Verbs.VerifyPrediction(_app!, parsed.GetRequiredValue(id), cancellation));
        return verify;
    }
}
