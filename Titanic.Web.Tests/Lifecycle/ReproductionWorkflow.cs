using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Lifecycle;

/// <summary>Reproduces versions in tests.</summary>
internal static class ReproductionWorkflow
{
    public static async Task<Reproduction> Reproduce(this TestWorkflow workflow, int version)
    {
        var found = await workflow.InScope<ModelRegistry, ModelVersion?>(registry => registry.Find(version, TestWorkflow.Cancellation));
        return await workflow.InScope<ModelReproduction, Reproduction>(reproduction => reproduction.Reproduce(found!, "a test", TestWorkflow.Cancellation));
    }
}
