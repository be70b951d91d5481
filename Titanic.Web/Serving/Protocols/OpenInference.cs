using System.Globalization;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Protocols;

/// <summary>What the Open Inference Protocol can be asked about the model. Only the version in service is there; any other is unknown.</summary>
public sealed class OpenInference(Predictor predictor, Explainer explainer, Answerability answerability)
{
    private const string Platform = "mlnet_knn";

    /// <param name="version">Its number, or champion; null: whichever is in service.</param>
    /// <exception cref="RefusedRequestException">Another model or version, which is a 404.</exception>
    /// <exception cref="NoChampionException">Nothing is in service yet.</exception>
    public async Task<ModelMetadata> Describe(string name, string? version, CancellationToken cancellation)
    {
        var model = await InService(name, version, cancellation);
        return new ModelMetadata(
            ModelRegistry.ModelName, [VersionOf(model)], Platform,
            [.. model.Signature.Inputs.Select(input => OutputTensors.Described(input.Name, Datatypes.Of(input)))], OutputTensors.Described(model.Signature));
    }

    /// <inheritdoc cref="Describe"/>
    public async Task<bool> IsReady(string name, string? version, CancellationToken cancellation)
    {
        RequireName(name);
        if (await answerability.WhyNot(cancellation) is not null)
            return false;
        await InService(name, version, cancellation);
        return true;
    }

    /// <param name="isExplained">Whether the answers say why: then fewer are given at once.</param>
    /// <inheritdoc cref="Describe"/>
    /// <exception cref="RefusedRequestException">The question cannot be understood.</exception>
    public async Task<InferenceResponse> Answer(string name, string? version, InferenceRequest request, bool isExplained, CancellationToken cancellation)
    {
        var asked = await InService(name, version, cancellation);
        var wanted = OutputTensors.Wanted(request.Outputs, asked.Signature, isExplained);
        var questions = InputTensors.Questions(request.Inputs, isExplained ? PredictionsApi.MostExplained : PredictionsApi.MostQuestions);
        var (model, predictions) = await predictor.Answer(questions, PredictionSources.Api, cancellation);
        RequireVersion(version, model); // promoted in between: who asks for a version wants no other's answer
        var explanations = isExplained ? await explainer.Explain(model, predictions, cancellation) : null;
        return new InferenceResponse(ModelRegistry.ModelName, VersionOf(model), request.Id, [.. wanted.Select(output => OutputTensors.Of(output, predictions, explanations))]);
    }

    private async Task<ServedModel> InService(string name, string? version, CancellationToken cancellation)
    {
        RequireName(name);
        var model = await predictor.InService(cancellation);
        RequireVersion(version, model);
        return model;
    }

    private static void RequireName(string name)
    {
        if (name != ModelRegistry.ModelName)
            throw new RefusedRequestException($"There is no model \"{Excerpt.Truncate(name)}\"; the model is {ModelRegistry.ModelName}.", StatusCodes.Status404NotFound);
    }

    private static void RequireVersion(string? version, ServedModel model)
    {
        if (version is not (null or ModelAliases.Champion) && version != VersionOf(model))
            throw new RefusedRequestException($"Version \"{Excerpt.Truncate(version)}\" of {ModelRegistry.ModelName} is not in service; version {VersionOf(model)} is, and no other answers.", StatusCodes.Status404NotFound);
    }

    private static string VersionOf(ServedModel model) => model.Version.ToString(CultureInfo.InvariantCulture);
}
